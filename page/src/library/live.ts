/// Keeping what is shown in step with the server: by its events, and by asking every few seconds while they do not come.
import { effect, signal } from "@preact/signals"

import { backoff, pause } from "../api/backoff"
import { CallFailed } from "../api/client"
import { listenOnce } from "../api/events"
import { listJobs } from "../api/jobs"
import { keyWanted } from "../api/key"
import type { Told } from "../api/told"
import { readNewest } from "./assets"
import { heardGone, heardJob, settle } from "./hearing"
import { liveJobs } from "./jobs"

/** Failures in a row after which jobs are asked for instead. */
const PATIENCE = 3
/** Seconds between two questions, and until events are tried again. */
const EACH = 3
const AGAIN = 30

/** How the page learns what happens: `away` is when the server does not answer at all. */
export const link = signal<"connecting" | "live" | "asking" | "away">("connecting")

/** Whether it is known which jobs are live. */
export const settled = signal(false)

let number = ""
let doubtful = new Set<string>()

/** Keep in step until `ended`. */
export async function keepInStep(ended: AbortSignal): Promise<void> {
  let failures = 0
  while (!ended.aborted) {
    await keyGiven()
    failures = (await listened(ended)) ? 0 : failures + 1
    if (failures < PATIENCE) await pause(backoff(failures, Math.random()), ended)
    else await askFor(AGAIN, ended)
  }
}

/** Listen until the connection ends, and return whether anything came. */
async function listened(ended: AbortSignal): Promise<boolean> {
  let came = false
  try {
    await listenOnce(
      number,
      hear,
      () => {
        came = true
        reached()
      },
      ended,
    )
  } catch {
    ended.throwIfAborted()
  }
  return came
}

/** Events get through again: what came without a job meanwhile is looked for, since nobody tells of it. */
function reached(): void {
  if (link.value === "live") return
  if (link.value !== "connecting") void readNewest().catch(() => undefined)
  link.value = "live"
}

function hear(told: Told, at: string | undefined): void {
  if (at) number = at
  if (told.event === "snapshot") doubtful = new Set(liveJobs().map(({ id }) => id))
  if (told.event === "job") doubtful.delete(told.job.id)
  if (told.event === "job") heardJob(told.job)
  if (told.event === "removed") heardGone(told.id)
  if (told.event === "live") snapshotEnded()
}

/** What was live before, and is not in the snapshot, has ended unseen; assets may have come. */
function snapshotEnded(): void {
  settle(doubtful)
  doubtful = new Set()
  if (settled.value) void readNewest().catch(() => undefined)
  settled.value = true
}

async function askFor(seconds: number, ended: AbortSignal): Promise<void> {
  const until = Date.now() + seconds * 1000
  while (Date.now() < until && !keyWanted.value) {
    await askOnce()
    await pause(EACH, ended)
  }
}

/** Ask for the newest jobs, and for those that were live and are not among them. */
async function askOnce(): Promise<void> {
  try {
    const { items } = await listJobs({ limit: "50" })
    const before = liveJobs().map(({ id }) => id)
    items.forEach(heardJob)
    settle(before.filter((id) => !items.some((job) => job.id === id)))
    link.value = "asking"
    settled.value = true
  } catch (error) {
    link.value = error instanceof CallFailed && !error.passing ? "asking" : "away"
  }
}

function keyGiven(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (keyWanted.value) return
      queueMicrotask(() => stop())
      resolve()
    })
  })
}
