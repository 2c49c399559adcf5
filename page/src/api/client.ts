/// Calls of the server's API: JSON in, JSON out, errors as sentences that a person can read.
import { key, keyWanted } from "./key"

/** The server said no, or could not be reached (status 0). `message` is a sentence for people. */
export class CallFailed extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly body: Record<string, unknown> = {},
  ) {
    super(message)
  }

  /** Whether the same call may succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** Send a request with the key, if there is one, and return the answer if it is a success. Throw CallFailed. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (key.value) headers.set("Authorization", `Bearer ${key.value}`)
  let answer: Response
  try {
    answer = await fetch(path, { ...init, headers })
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new CallFailed("The server can't be reached.", 0)
  }
  if (answer.ok) return answer
  if (answer.status === 401) keyWanted.value = true
  const body = await answer.json().catch(() => ({}))
  const said = typeof body.error === "string" ? body.error : `The server answered ${answer.status}`
  throw new CallFailed(said.endsWith(".") ? said : `${said}.`, answer.status, body)
}

/** Call and return what is answered. Throw CallFailed. */
export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method }
  if (signal) init.signal = signal
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { "Content-Type": "application/json" }
  }
  const answer = await send(path, init)
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T)
}

/** The path of an asset's resource. */
export function assetPath(id: string, rest = ""): string {
  return `/api/audio/assets/${encodeURIComponent(id)}${rest}`
}
