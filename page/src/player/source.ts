/// One variant's audio in an `<audio>` element: it plays by a link, and where that is used up, by another one, once.
import { followable } from "../api/links"
import { assetPath, call } from "../api/client"
import type { Playback, Variant } from "../api/types"

/** Milliseconds before a link's end at which another is fetched before one begins to play; no more often than that, either. */
const SOON = 60_000

/** An `<audio>` element and the link that it plays. `trouble` is told a sentence where it can't be played. */
export class Source {
  readonly element = new Audio()
  private starting: Promise<void> | null = null
  private closed = false
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
  }

  /** Fetch a link and hold it ready. */
  async open(): Promise<void> {
    const playback = await call<Playback>("GET", assetPath(this.assetId, `/playback?variant=${this.variant}`))
    if (this.closed) return
    this.contentType = playback.contentType
    this.opened = performance.now()
    this.expires = playback.expiresAt === null ? Infinity : Date.parse(playback.expiresAt)
    this.element.src = followable(playback.url, location.origin)
  }

  /** Play from where it stands. */
  play(): Promise<void> {
    this.starting ??= this.start().finally(() => (this.starting = null))
    return this.starting
  }

  /** Stop, and hold nothing any more. */
  close(): void {
    this.closed = true
    this.element.pause()
    this.element.removeAttribute("src")
    this.element.load()
  }

  private async start(): Promise<void> {
    if (this.endsSoon()) await this.again()
    await this.element.play().catch(() => undefined)
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
    const wasPlaying = !this.element.paused
    await this.again()
    if (wasPlaying) await this.element.play().catch(() => undefined)
  }

  private whatFailed(): string {
    if (this.element.canPlayType(this.contentType)) return "This audio can't be played here."
    return `This browser can't play ${this.contentType}. Download it to hear it.`
  }

  private async again(): Promise<void> {
    const at = this.element.currentTime
    try {
      await this.open()
      this.element.currentTime = at
    } catch (error) {
      this.trouble(error instanceof Error ? error.message : String(error))
    }
  }
}
