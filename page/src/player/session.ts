/// The keys of headphones and lock screens (Media Session).
import type { Pair } from "./pair"

const STEP = 10

/** Let the system show what is played, and steer it. Returns what ends that. */
export function mediaSession(name: string, pair: Pair): () => void {
  const session = navigator.mediaSession
  if (!session) return () => undefined
  session.metadata = new MediaMetadata({ title: name, artist: "Greenroom" })
  const actions: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", () => void pair.play()],
    ["pause", () => pair.pause()],
    ["seekbackward", ({ seekOffset }) => pair.seek(pair.time.peek() - (seekOffset ?? STEP))],
    ["seekforward", ({ seekOffset }) => pair.seek(pair.time.peek() + (seekOffset ?? STEP))],
    ["seekto", ({ seekTime }) => pair.seek(seekTime ?? pair.time.peek())],
  ]
  for (const [action, handler] of actions) session.setActionHandler(action, handler)
  return () => {
    session.metadata = null
    for (const [action] of actions) session.setActionHandler(action, null)
  }
}
