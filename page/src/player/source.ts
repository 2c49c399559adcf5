/// One variant's audio in an `<audio>` element: it plays by a link, and where that is used up, by another one, once.
import { followable } from "../api/links"
import { backoff, pause } from "../api/backoff"
import { assetPath, call, CallFailed } from "../api/client"
import type { Playback, Variant } from "../api/types"

/** Milliseconds before a link's end at which another is fetched before one begins to play; no more often than that, either. */
const SOON = 60_000

/** An `<audio>` element and the link that it plays. `trouble` is told a sentence where it can't be played. */
export class Source {
  readonly element = new Audio()
  private readonly closing = new AbortController()
  private starting: Promise<void> | null = null
  private wanted = false
  private opened = 0
  private expires = Infinity
  private contentType = ""
  private renewed = false

  constructor(
    private readonly assetId: string,
    private readonly variant: Variant,
    private readonly trouble: (sentence: string) => void,
  ) {
    this.element.preload = "metadata"
    this.element.addEventListener("error", () => void this.goOn())
    this.element.addEventListener("playing", () => (this.renewed = false))
    void this.open()
  }

  /** Play from where it stands. */
  play(): Promise<void> {
    this.wanted = true
    this.starting ??= this.start().finally(() => (this.starting = null))
    return this.starting
  }

  /** Stop, and go on from here when it is played again. */
  pause(): void {
    this.wanted = false
    this.element.pause()
  }

  /** Begin anew with another link, at the same place. */
  retry(): void {
    this.renewed = false
    void this.open()
  }

  /** Stop, and hold nothing any more. */
  close(): void {
    this.closing.abort()
    this.pause()
    this.element.removeAttribute("src")
    this.element.load()
  }

  private async start(): Promise<void> {
    if (this.endsSoon()) await this.open()
    if (this.wanted) await this.element.play().catch(() => undefined)
  }

  /** Whether the link ends soon, by this machine's clock: that may be wrong, so a fresh link is taken for what it is. */
  private endsSoon(): boolean {
    return this.expires - Date.now() < SOON && performance.now() - this.opened > SOON
  }

  /** Go on at the same place by another link, once: a link that fails at once has not expired. */
  private async goOn(): Promise<void> {
    if (!this.element.getAttribute("src")) return
    if (this.renewed) {
      this.trouble(this.whatFailed())
      return
    }
    this.renewed = true
    await this.open()
    if (this.wanted) await this.element.play().catch(() => undefined)
  }

  private whatFailed(): string {
    if (this.element.canPlayType(this.contentType)) return "This audio can't be played here."
    return `This browser can't play ${this.contentType}. Download it to hear it.`
  }

  /** Fetch a link, and hold it ready at the place that was reached. */
  private async open(): Promise<void> {
    try {
      this.take(await this.link())
    } catch (error) {
      if (!this.closing.signal.aborted) this.trouble(error instanceof Error ? error.message : String(error))
    }
  }

  private take({ contentType, expiresAt, url }: Playback): void {
    if (this.closing.signal.aborted) return
    const at = this.element.currentTime
    this.contentType = contentType
    this.opened = performance.now()
    this.expires = expiresAt === null ? Infinity : Date.parse(expiresAt)
    this.element.src = followable(url, location.origin)
    this.element.currentTime = at
  }

  /** Ask where it plays. What passes is waited for. Throw CallFailed. */
  private async link(): Promise<Playback> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await call("GET", assetPath(this.assetId, `/playback?variant=${this.variant}`))
      } catch (error) {
        if (!(error instanceof CallFailed) || !error.passing) throw error
      }
      await pause(backoff(failures, Math.random()), this.closing.signal)
    }
  }
}
