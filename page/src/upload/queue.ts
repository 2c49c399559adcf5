/// The files that are being sent: three at a time, the others wait for their turn.
import { signal, type Signal } from "@preact/signals"

import { CallFailed } from "../api/client"
import { Turns } from "../api/turns"
import { giveUp } from "../api/uploads"
import { addAsset } from "../library/assets"
import { choose, chosenId } from "../library/chosen"
import { takeJob } from "../library/jobs"
import { announce } from "../words/announcing"
import { forgetUpload, isSame, keptUploads, type Kept } from "./memory"
import { marked, type Mark } from "./pace"
import { sendFile, whyNot, type Watcher } from "./sending"

const FILES_AT_A_TIME = 3

/** The answers that a file gets for what it is. */
const REFUSALS = [400, 413, 415, 422]

/** Milliseconds for which it is shown that a file is uploaded: it stands in the library. */
const SHOWN = 6000

const turns = new Turns(FILES_AT_A_TIME)

/**
 * Where a file stands. `why` says what it waits for, or why it failed, `refused` whether it always will;
 * `assetId` is what has become of it.
 */
export interface Stand {
  phase: "queued" | "sending" | "waiting" | "finishing" | "done" | "failed"
  marks: Mark[]
  why: string
  refused: boolean
  assetId: string | null
}

/** A file that is sent, and where it stands. */
export interface Sending {
  number: number
  file: File
  stand: Signal<Stand>
  ended: AbortController
  uploadId: string | null
}

/** The files that are sent, or were. */
export const sendings = signal<Sending[]>([])

/** Uploads of before the page was loaded: choosing the same files again goes on with them. */
export const unfinished = signal<Kept[]>(keptUploads())

let count = 0

/** Send files. One that is being sent already is not sent twice. */
export function addFiles(files: Iterable<File>): void {
  const alike = (file: File, others: readonly File[]) => others.some((other) => isSame(other, file))
  const sent = sendings.value.filter(isActive).map(({ file }) => file)
  const added = [...files].filter((file, place, all) => !alike(file, sent) && !alike(file, all.slice(0, place)))
  const alone = added.length === 1 && chosenId.peek() === null
  for (const file of added) {
    unfinished.value = unfinished.value.filter((kept) => !isSame(kept, file))
    void run(newSending(file), alone)
  }
}

/** Send a file again that failed. */
export function sendAgain(sending: Sending): void {
  drop(sending)
  void run(newSending(sending.file), false)
}

/** Cancel what is being sent, and give up what has arrived of it. */
export function cancel(sending: Sending): void {
  sending.ended.abort()
  drop(sending)
  if (sending.uploadId) abandon(sending.uploadId)
}

/** Give up an upload of before the page was loaded. */
export function abandon(uploadId: string): void {
  forgetUpload(uploadId)
  unfinished.value = unfinished.value.filter(({ id }) => id !== uploadId)
  void giveUp(uploadId).catch(() => undefined)
}

/** Show a file no longer, or all that are done. */
export function drop(...dropped: Sending[]): void {
  sendings.value = sendings.value.filter((sending) => !dropped.includes(sending))
}

/** Whether a file is still under way. */
export function isActive({ stand }: Sending): boolean {
  return stand.value.phase !== "done" && stand.value.phase !== "failed"
}

function newSending(file: File): Sending {
  const stand = signal<Stand>({ phase: "queued", marks: [], why: "", refused: false, assetId: null })
  const sending: Sending = { number: (count += 1), file, stand, ended: new AbortController(), uploadId: null }
  sendings.value = [...sendings.value, sending]
  return sending
}

async function run(sending: Sending, alone: boolean): Promise<void> {
  try {
    if (sending.file.size === 0) throw new CallFailed("This file is empty.", 415)
    await turns.take(() => sendOne(sending))
    if (alone && chosenId.peek() === null) choose(sending.stand.peek().assetId)
  } catch (error) {
    if (!sending.ended.signal.aborted) failed(sending, error)
  }
}

async function sendOne(sending: Sending): Promise<void> {
  sending.ended.signal.throwIfAborted()
  stands(sending, { phase: "sending" })
  const { asset, job } = await sendFile(sending.file, watcherOf(sending), sending.ended.signal)
  addAsset(asset)
  if (job) takeJob(job)
  stands(sending, { phase: "done", assetId: asset.id })
  announce(`${asset.name} is uploaded.`)
  setTimeout(() => drop(sending), SHOWN)
}

function failed(sending: Sending, error: unknown): void {
  const refused = error instanceof CallFailed && REFUSALS.includes(error.status)
  const isGone = error instanceof CallFailed && error.status === 404
  if ((refused || isGone) && sending.uploadId) forgetUpload(sending.uploadId)
  stands(sending, { phase: "failed", why: whyNot(error), refused })
  announce(`${sending.file.name} was not uploaded. ${whyNot(error)}`)
}

function watcherOf(sending: Sending): Watcher {
  const { file, stand } = sending
  let quarter = 0
  return {
    opened: (id) => (sending.uploadId = id),
    waiting: (why) => stands(sending, { phase: "waiting", why }),
    finishing: () => stands(sending, { phase: "finishing", why: "" }),
    moved: (sent) => {
      const marks = marked(stand.peek().marks, { at: performance.now(), sent })
      stands(sending, { phase: "sending", why: "", marks })
      const reached = Math.floor((4 * sent) / file.size)
      if (reached > quarter && reached < 4) announce(`${file.name}: ${reached * 25} % uploaded.`)
      quarter = Math.max(quarter, reached)
    },
  }
}

function stands(sending: Sending, change: Partial<Stand>): void {
  sending.stand.value = { ...sending.stand.peek(), ...change }
}
