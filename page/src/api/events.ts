/// The server's events, read by `fetch`, which can send the key: EventSource can not.
import { send } from "./client"
import { reader, type Listener } from "./told"

/** Seconds in which the first bytes must come, and in which the next must: the server says something every 15 seconds. */
const FIRST = 8
const NEXT = 40

/** Listen until the server ends it. `began` is called when anything comes. Throw CallFailed, or what fetch throws. */
export async function listenOnce(number: string, listen: Listener, began: () => void, ended: AbortSignal): Promise<void> {
  const silence = new AbortController()
  const headers: Record<string, string> = number ? { "Last-Event-ID": number } : {}
  let timer = setTimeout(() => silence.abort(), FIRST * 1000)
  try {
    const answer = await send("/api/events", { headers, signal: AbortSignal.any([silence.signal, ended]) })
    const read = reader(listen)
    for await (const text of pieces(answer)) {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(), NEXT * 1000)
      began()
      read(text)
    }
  } finally {
    clearTimeout(timer)
  }
}

async function* pieces(answer: Response): AsyncGenerator<string> {
  const bytes = answer.body?.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const piece = await bytes?.read()
    if (!piece || piece.done) return
    yield decoder.decode(piece.value, { stream: true })
  }
}
