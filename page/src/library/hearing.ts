/// What follows from what is heard of a job: its asset is read again when it has ended, and a new asset is looked for.
import { CallFailed } from "../api/client"
import { readJob } from "../api/jobs"
import type { Job } from "../api/types"
import { announce } from "../words/announcing"
import { assets, going, readAgain, readNewest } from "./assets"
import { chosenId, forgetAsset, showChosen } from "./chosen"
import { isLive } from "./history"
import { dropJob, takeJob } from "./jobs"

/** Milliseconds in which further new assets are looked for by one question. */
const GATHER = 500

let looking = false

/** Take in how a job stands. */
export function heardJob(job: Job): void {
  const before = takeJob(job)
  if (job.assetId === null || going.has(job.assetId)) return
  if (!isShown(job.assetId)) {
    if (!before) lookForNew()
    return
  }
  if (!isLive(job) && (!before || isLive(before))) void ended(job.assetId, job, before)
}

/** Forget a job that is no longer kept. */
export function heardGone(id: string): void {
  dropJob(id)
}

/** Read again how these jobs stand. */
export function settle(ids: Iterable<string>): void {
  for (const id of ids) void readJob(id).then(heardJob, (error) => isGone(error) && dropJob(id))
}

function isShown(assetId: string): boolean {
  return assetId === chosenId.peek() || assets.peek().some(({ id }) => id === assetId)
}

async function ended(assetId: string, job: Job, before: Job | undefined): Promise<void> {
  try {
    const asset = await readAgain(assetId)
    showChosen(asset)
    if (before && job.kind === "prepare") announce(`${asset.name}: ${ENDS[job.status] ?? "done"}.`)
  } catch (error) {
    if (isGone(error)) forgetAsset(assetId, error.message)
  }
}

const ENDS: Partial<Record<Job["status"], string>> = {
  complete: "prepared",
  failed: "preparing failed",
  cancelled: "cancelled",
}

function lookForNew(): void {
  if (looking) return
  looking = true
  setTimeout(() => {
    looking = false
    void readNewest().catch(() => undefined)
  }, GATHER)
}

function isGone(error: unknown): error is CallFailed {
  return error instanceof CallFailed && error.status === 404
}
