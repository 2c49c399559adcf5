/// Sending a file by a direct upload, and going on with what is missing after whatever went wrong.
import { backoff, pause } from "../api/backoff"
import { CallFailed } from "../api/client"
import { each, Turns } from "../api/turns"
import type { Upload, Uploaded, Way } from "../api/types"
import { completeUpload, openUpload, readUpload } from "../api/uploads"
import { lookInto, Refused } from "./finding"
import { forgetUpload, keepUpload, keptUpload } from "./memory"
import { PartLost, sendPart } from "./part"

/** Parts that are sent at a time, of all files: a browser has six connections to a server, and others need some. */
const AT_A_TIME = 3

const turns = new Turns(AT_A_TIME)

/** What is told of an upload: its id, the bytes that have arrived, and why it waits. */
export interface Watcher {
  opened: (id: string) => void
  moved: (sent: number) => void
  waiting: (why: string) => void
  finishing: () => void
}

/** Send a file, and return its asset and job. Throw CallFailed or Refused if it can't be, AbortError when `ended`. */
export async function sendFile(file: File, watcher: Watcher, ended: AbortSignal): Promise<Uploaded> {
  let upload = await patiently(() => begun(file, ended), watcher, ended)
  keepUpload(upload.id, file)
  watcher.opened(upload.id)
  for (let failures = 0; ; ) {
    const before = arrived(upload)
    const lost = await sendParts(file, upload, watcher, ended)
    upload = await patiently(() => readUpload(upload.id, ended), watcher, ended)
    failures = arrived(upload) > before ? 0 : failures + 1
    if (lost) await recover(lost, file, failures, watcher, ended)
    else if (upload.parts.length === 0) break
    else if (failures > 1) throw new Refused("The storage loses what it is sent.")
  }
  watcher.finishing()
  const done = await patiently(() => completeUpload(upload.id, ended), watcher, ended)
  forgetUpload(upload.id)
  return done
}

/** Bytes that have arrived of an upload. */
export function arrived(upload: Pick<Upload, "present" | "size" | "status">): number {
  if (upload.status === "complete") return upload.size
  return upload.present.reduce((sum, part) => sum + part.size, 0)
}

/** The upload that was begun of this file, if the server still has it, else a new one. */
async function begun(file: File, ended: AbortSignal): Promise<Upload> {
  const kept = keptUpload(file)
  if (!kept) return openUpload(file, ended)
  try {
    return await readUpload(kept.id, ended)
  } catch (error) {
    if (!(error instanceof CallFailed) || error.status !== 404) throw error
    forgetUpload(kept.id)
    return openUpload(file, ended)
  }
}

/** Send the parts that are missing, and return the first that was lost, if one was. */
async function sendParts(file: File, upload: Upload, watcher: Watcher, ended: AbortSignal): Promise<PartLost | null> {
  const sent = new Map<number, number>()
  const before = arrived(upload)
  function send(way: Way): Promise<void> {
    return turns.take(() => sendPart(file, way, (bytes) => note(way, bytes), ended)).then(() => note(way, way.size))
  }
  function note(way: Way, bytes: number): void {
    sent.set(way.number, Math.min(bytes, way.size))
    watcher.moved(before + [...sent.values()].reduce((sum, part) => sum + part, 0))
  }
  watcher.moved(before)
  try {
    await each(upload.parts, AT_A_TIME, send)
    return null
  } catch (error) {
    if (error instanceof PartLost) return error
    throw error
  }
}

async function recover(lost: PartLost, file: File, failures: number, watcher: Watcher, ended: AbortSignal): Promise<void> {
  await lookInto(lost, file, failures)
  if (failures === 0) return
  watcher.waiting(`${lost.message} Trying again.`)
  await pause(backoff(failures, Math.random()), ended)
}

/** Ask until it is answered: what passes is waited for. Throw CallFailed otherwise, AbortError when `ended`. */
async function patiently<T>(ask: () => Promise<T>, watcher: Watcher, ended: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof CallFailed) || !error.passing || error.status === 507) throw error
      watcher.waiting(`${error.message} Trying again.`)
    }
    await pause(backoff(failures, Math.random()), ended)
  }
}

/** The sentence that says why an upload can't go on. */
export function whyNot(error: unknown): string {
  if (error instanceof CallFailed || error instanceof Refused) return error.message
  return "Something went wrong in this page. Try again."
}
