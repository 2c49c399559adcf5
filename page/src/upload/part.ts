/// Sending a part of a file to its link: by XMLHttpRequest, which says how far it is.
import { followable } from "../api/links"
import type { Way } from "../api/types"

/** Milliseconds without progress after which a part counts as lost. */
const SILENCE = 60_000

/** A part that did not arrive. `status` is 0 where the connection broke; `sentence` is the storage's, where it has one. */
export class PartLost extends Error {
  constructor(
    readonly way: Way,
    readonly status: number,
    readonly begun: boolean,
    readonly sentence = "",
  ) {
    super(sentence || (status === 0 ? "The connection broke." : `The storage answered ${status}.`))
  }
}

/** Send a part, without the API key: the link alone lets it in. Throw PartLost, or AbortError when `ended`. */
export function sendPart(file: Blob, way: Way, moved: (sent: number) => void, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let sent = 0
    ended.throwIfAborted()
    let timer = setTimeout(() => request.abort(), SILENCE)
    request.open(way.method, followable(way.url, location.origin))
    for (const [name, value] of Object.entries(way.headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => {
      clearTimeout(timer)
      timer = setTimeout(() => request.abort(), SILENCE)
      moved((sent = loaded))
    }
    request.onloadend = () => {
      clearTimeout(timer)
      ended.removeEventListener("abort", stop)
      if (ended.aborted) reject(new DOMException("It was cancelled.", "AbortError"))
      else if (request.status >= 200 && request.status < 300) resolve()
      else reject(new PartLost(way, request.status, sent > 0, sentence(request)))
    }
    ended.addEventListener("abort", stop)
    request.send(file.slice(way.offset, way.offset + way.size))

    function stop() {
      request.abort()
    }
  })
}

function sentence(request: XMLHttpRequest): string {
  try {
    const { error } = JSON.parse(request.responseText) as { error?: unknown }
    return typeof error === "string" ? `${error}.` : ""
  } catch {
    return ""
  }
}
