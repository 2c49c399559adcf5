/// The original and the prepared audio side by side, at the same moment of the sound; one of them is heard.
import { signal, type Signal } from "@preact/signals"

import type { Variant } from "../api/types"
import { inOriginal, inPrepared, soundsAt, whole, type Alignment } from "./alignment"
import { Source } from "./source"

/** Seconds by which the one that is not heard may be off, and beyond which it is put right at once. */
const NEAR = 0.03
const FAR = 0.25

/** How much faster or slower it runs until it is in step again. */
const HASTE = 0.06

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
      source.open().catch((error: Error) => this.report(variant, error.message))
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

  /** Hear this variant from now on. */
  listen(variant: Variant): void {
    if (!this.sources[variant]) return
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

  /** Play from here, or from the beginning if this is the end. */
  async play(): Promise<void> {
    if (this.time.peek() >= this.length - 0.01) this.seek(0)
    this.playing.value = true
    await Promise.all(this.each().filter(([name]) => this.soundsNow(name)).map(([, source]) => source.play()))
    this.run()
  }

  pause(): void {
    this.playing.value = false
    cancelAnimationFrame(this.frame)
    for (const [, source] of this.each()) source.element.pause()
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

  /** The one that says what time it is: the one heard, or where that is silent, the original. */
  private leader(): Variant {
    const heard = this.heard.peek()
    if (heard === "prepared" && (this.soundsNow("prepared") || !this.works("original"))) return heard
    return this.works("original") ? "original" : heard
  }

  private soundsNow(variant: Variant): boolean {
    return variant === "original" ? this.time.peek() < this.alignment.peek().original : soundsAt(this.time.peek(), this.alignment.peek())
  }

  private placeIn(variant: Variant): number {
    return variant === "original" ? this.time.peek() : inPrepared(this.time.peek(), this.alignment.peek())
  }

  /** Tell the time and keep step, from picture to picture, until the end. */
  private run(): void {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => {
      if (!this.playing.peek()) return
      this.tellTime()
      if (this.time.peek() >= this.length - 0.01 || this.hasEnded()) {
        this.pause()
        return
      }
      for (const [name, source] of this.each()) if (name !== this.leader()) this.keepStep(name, source)
      this.run()
    })
  }

  private tellTime(): void {
    const leader = this.leader()
    const element = this.sources[leader]?.element
    if (!element) return
    element.playbackRate = 1
    if (element.paused && !element.ended) void this.sources[leader]?.play()
    const at = element.currentTime
    this.time.value = leader === "original" ? at : inOriginal(at, this.alignment.peek())
  }

  private hasEnded(): boolean {
    return this.each().every(([name, { element }]) => element.ended || !this.works(name) || !this.soundsNow(name))
  }

  private keepStep(name: Variant, source: Source): void {
    const { element } = source
    if (!this.soundsNow(name)) {
      element.pause()
      return
    }
    const off = element.currentTime - this.placeIn(name)
    if (Math.abs(off) > FAR) element.currentTime = this.placeIn(name)
    element.playbackRate = Math.abs(off) < NEAR ? 1 : 1 - Math.sign(off) * HASTE
    if (element.paused) void source.play()
  }
}
