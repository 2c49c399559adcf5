/// The jobs of assets as far as they are known here, each asset's newest first, kept live by the server's events.
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals"

import { listJobs } from "../api/jobs"
import { Turns } from "../api/turns"
import type { Job } from "../api/types"
import { isLive, without, withJob } from "./history"

/** Jobs are looked up so many at a time, so that other calls are not held up. */
const lookUps = new Turns(2)

const known = new Map<string, Signal<Job[]>>()
const asked = new Set<string>()

/** The jobs of an asset, newest first. The first who asks has its whole history read. */
export function jobsOf(assetId: string): ReadonlySignal<Job[]> {
  void ask(`all ${assetId}`, { assetId })
  return kept(assetId)
}

/** The newest job that prepares an asset, as far as it is known. */
export function latestOf(assetId: string): ReadonlySignal<Job | undefined> {
  return computed(() => kept(assetId).value.find((job) => job.kind === "prepare"))
}

/** Look up the newest job that prepares an asset, once. */
export function lookUpLatest(assetId: string): Promise<void> {
  return ask(`latest ${assetId}`, { assetId, kind: "prepare", limit: "1" })
}

/** Take in how a job stands, and return how it stood before, if that was known. */
export function takeJob(job: Job): Job | undefined {
  if (job.assetId === null) return undefined
  const jobs = kept(job.assetId)
  const before = jobs.peek().find(({ id }) => id === job.id)
  jobs.value = withJob(jobs.peek(), job)
  return before
}

/** Forget a job that the server keeps no longer. */
export function dropJob(id: string): void {
  for (const jobs of known.values()) {
    if (jobs.peek().some((job) => job.id === id)) jobs.value = without(jobs.peek(), id)
  }
}

/** Forget all jobs of an asset that was deleted. */
export function dropJobsOf(assetId: string): void {
  known.delete(assetId)
  asked.delete(`all ${assetId}`)
  asked.delete(`latest ${assetId}`)
}

/** The jobs that have not ended, as far as is known. */
export function liveJobs(): Job[] {
  return [...known.values()].flatMap((jobs) => jobs.peek().filter(isLive))
}

function kept(assetId: string): Signal<Job[]> {
  let jobs = known.get(assetId)
  if (!jobs) known.set(assetId, (jobs = signal<Job[]>([])))
  return jobs
}

async function ask(question: string, query: Record<string, string>): Promise<void> {
  if (asked.has(question)) return
  asked.add(question)
  try {
    const { items } = await lookUps.take(() => listJobs(query))
    items.forEach(takeJob)
  } catch {
    asked.delete(question)
  }
}
