/// The original and the prepared audio side by side, at the same moment of the sound; one of them is heard.
import { signal, type Signal } from "@preact/signals"

import type { Variant } from "../api/types"
import { inOriginal, inPrepared, soundsAt, whole, type Alignment } from "./alignment"
import { Source } from "./source"
import { correction } from "./step"

/** Plays both at once, so that changing from one to the other takes no time. Times are seconds of the original. */
export class Pair {
  readonly time = signal(0)
  readonly playing = signal(false)
  readonly heard = signal<Variant>("original")
  readonly alignment: Signal<Alignment>
  readonly troubles = signal<Partial<Record<Variant, string>>>({})
  private readonly sources: Partial<Record<Variant, Source>> = {}
  private frame = 0

  /** Lengths that are 0 in `alignment` are those of the audio itself, as soon as that is known. */
  constructor(assetId: string, variants: Variant[], alignment: Alignment) {
    this.alignment = signal(alignment)
    for (const variant of variants) {
      const source = new Source(assetId, variant, (sentence) => this.report(variant, sentence))
      this.sources[variant] = source
      source.element.addEventListener("durationchange", () => this.learnLength(variant, source.element.duration))
      source.element.addEventListener("timeupdate", () => this.step()) // a hidden page is shown no pictures
    }
    this.listen(variants.includes("prepared") ? "prepared" : "original")
  }

  /** Learn where both are the same. Lengths that are 0 stay as they are known. */
  align({ original, prepared, head }: Alignment): void {
    const known = this.alignment.peek()
    this.alignment.value = { original: original || known.original, prepared: prepared || known.prepared, head }
  }

  /** The length of both together. */
  get length(): number {
    return whole(this.alignment.value)
  }

  /** Hear this variant from now on, if it can be played. */
  listen(variant: Variant): void {
    if (!this.works(variant)) return
    this.heard.value = variant
    for (const [name, source] of this.each()) source.element.muted = name !== variant
  }

  /** Hear the other one. */
  swap(): void {
    this.listen(this.heard.peek() === "original" ? "prepared" : "original")
  }

  /** Play each as loud as that, from 0 to 1. */
  setVolumes(volumes: Record<Variant, number>): void {
    for (const [name, source] of this.each()) source.element.volume = volumes[name]
  }

  /** Play from here, or from the beginning where nothing sounds any more. */
  async play(): Promise<void> {
    if (!this.leader()) this.seek(this.works("original") ? 0 : this.alignment.peek().head)
    this.playing.value = true
    await Promise.all(this.each().filter(([name]) => this.soundsNow(name)).map(([, source]) => source.play()))
    this.run()
  }

  /** Try again what could not be played. */
  retry(): void {
    const broken = Object.keys(this.troubles.peek()) as Variant[]
    this.troubles.value = {}
    for (const variant of broken) this.sources[variant]?.retry()
  }

  pause(): void {
    this.playing.value = false
    cancelAnimationFrame(this.frame)
    for (const [, source] of this.each()) source.pause()
  }

  toggle(): void {
    if (this.playing.peek()) this.pause()
    else void this.play()
  }

  /** Go to a moment. */
  seek(at: number): void {
    this.time.value = Math.min(Math.max(0, at), this.length)
    for (const [name, source] of this.each()) source.element.currentTime = Math.max(0, this.placeIn(name))
  }

  close(): void {
    this.pause()
    for (const [, source] of this.each()) source.close()
  }

  private each(): [Variant, Source][] {
    return Object.entries(this.sources) as [Variant, Source][]
  }

  private learnLength(variant: Variant, seconds: number): void {
    const known = this.alignment.peek()
    if (known[variant] === 0 && Number.isFinite(seconds)) this.alignment.value = { ...known, [variant]: seconds }
  }

  private report(variant: Variant, sentence: string): void {
    this.troubles.value = { ...this.troubles.peek(), [variant]: sentence }
    if (variant === this.heard.peek()) this.swap()
  }

  private works(variant: Variant): boolean {
    return this.sources[variant] !== undefined && this.troubles.peek()[variant] === undefined
  }

  /** The one that says what time it is: the one heard, or while that is silent, the other; nobody at the end. */
  private leader(): Variant | undefined {
    const order: Variant[] = this.heard.peek() === "original" ? ["original", "prepared"] : ["prepared", "original"]
    return order.find((variant) => this.works(variant) && this.soundsNow(variant))
  }

  /** Whether a variant has sound here. Its own end counts more than what was measured: they differ by a few milliseconds. */
  private soundsNow(variant: Variant): boolean {
    const hasEnded = this.playing.peek() && this.sources[variant]?.element.ended
    return !hasEnded && soundsAt(this.time.peek(), variant, this.alignment.peek())
  }

  private placeIn(variant: Variant): number {
    return variant === "original" ? this.time.peek() : inPrepared(this.time.peek(), this.alignment.peek())
  }

  /** Keep step from picture to picture, as long as it plays. */
  private run(): void {
    cancelAnimationFrame(this.frame)
    if (!this.playing.peek()) return
    this.step()
    this.frame = requestAnimationFrame(() => this.run())
  }

  /** Let the one that leads tell the time, and the other follow; end where nobody leads. */
  private step(): void {
    if (!this.playing.peek()) return
    const leader = this.leader()
    if (!leader) this.end()
    for (const [name, source] of this.each()) {
      if (name === leader) this.tellTime(name, source)
      else this.keepStep(name, source)
    }
  }

  private end(): void {
    this.pause()
    this.time.value = this.length
  }

  private tellTime(name: Variant, source: Source): void {
    const { element } = source
    element.playbackRate = 1
    if (element.paused) void source.play()
    this.time.value = name === "original" ? element.currentTime : inOriginal(element.currentTime, this.alignment.peek())
  }

  private keepStep(name: Variant, source: Source): void {
    const { element } = source
    if (!this.playing.peek() || !this.works(name) || !this.soundsNow(name)) {
      source.pause()
      return
    }
    if (element.seeking) return
    const place = this.placeIn(name)
    const { jump, rate } = correction(element.currentTime - place)
    if (jump) element.currentTime = place
    element.playbackRate = rate
    if (element.paused) void source.play()
  }
}
