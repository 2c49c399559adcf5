/// A history of jobs, newest first, and how what is learnt of a job fits into it.
import type { Job } from "../api/types"

/** Whether a job has not ended. */
export function isLive(job: Job): boolean {
  return job.status === "queued" || job.status === "processing"
}

/** The history with a job as it stands now. One that has ended does not live again: answers may come late. */
export function withJob(jobs: Job[], job: Job): Job[] {
  const before = jobs.find(({ id }) => id === job.id)
  if (before && !isLive(before) && isLive(job)) return jobs
  return [...without(jobs, job.id), job].sort(newestFirst)
}

/** The history without a job. */
export function without(jobs: Job[], id: string): Job[] {
  return jobs.filter((job) => job.id !== id)
}

function newestFirst(a: Job, b: Job): number {
  return Date.parse(b.createdAt) - Date.parse(a.createdAt)
}
