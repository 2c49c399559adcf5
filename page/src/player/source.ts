/// One variant's audio in an `<audio>` element: it plays by a link, and where that is used up, by another one, once.
import { followable } from "../api/links"
import { assetPath, call } from "../api/client"
import type { Playback, Variant } from "../api/types"

/** Milliseconds before a link's end at which another is fetched before one begins to play. */
const SOON = 60_000

/** An `<audio>` element and the link that it plays. `trouble` is told a sentence where it can't be played. */
export class Source {
  readonly element = new Audio()
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
    this.contentType = playback.contentType
    this.expires = playback.expiresAt === null ? Infinity : Date.parse(playback.expiresAt)
    this.element.src = followable(playback.url, location.origin)
  }

  /** Play from where it stands. */
  async play(): Promise<void> {
    if (this.expires - Date.now() < SOON) await this.again()
    await this.element.play().catch(() => undefined)
  }

  /** Stop, and hold nothing any more. */
  close(): void {
    this.element.pause()
    this.element.removeAttribute("src")
    this.element.load()
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
