/// What became of a job, in words for people, and what can be done about it.
import type { Attempt, Figures, Job } from "../api/types"
import { isLive } from "../library/history"
import { clock } from "../words/times"

/** How a job stands, in a sentence; null where its state says it all. */
export function standing(job: Job): string | null {
  switch (job.status) {
    case "queued":
      return job.attempts.length ? "It waits for another attempt." : "It waits for a worker."
    case "processing":
      return job.attempts.at(-1)?.message ?? "A worker is at it."
    case "failed":
      return sentence(job.error ?? "Nobody said why")
    case "complete":
    case "cancelled":
      return null
  }
}

/** What became of an attempt, in a sentence. `isLast` says that no other came after it. */
export function story(attempt: Attempt, job: Job, isLast: boolean): string {
  const next = isLast ? (isLive(job) ? "; it will be tried again" : "") : "; tried again"
  switch (attempt.outcome) {
    case null:
      return "Under way."
    case "complete":
      return "Done."
    case "lost":
      return `The worker stopped answering${next}.`
    case "released":
      return "The worker was told to stop, and gave the job back."
    case "cancelled":
      return "It was cancelled."
    case "failed":
      return `${(attempt.message ?? "It failed.").replace(/\.$/, "")}${next}.`
  }
}

/** What can be done, where something can: null where all is well. */
export function advice(job: Job): string | null {
  const end = damagedAt(job)
  if (end !== null) {
    return `The file is damaged, or ends early at ${clock(end)}. What can be heard of it was prepared; if you have a better copy, upload that.`
  }
  if (job.status !== "failed") return waiting(job)
  switch (job.code) {
    case "unusable":
      return "Trying again won't help: it is the file. Upload another copy of it."
    case "lost":
      return "The worker may have run out of memory, or was stopped. Look at its log, then try again."
    case "engine":
      return "The worker's audio engine broke. `greenroom doctor` says whether it works there; then try again."
    case "outputs":
      return "The prepared audio did not reach the storage. `greenroom doctor` looks at it; then try again."
    case "refused":
      return "The endpoint that starts the work refused it. Look at its address and its token, then try again."
    default:
      return "Try again; if it fails as before, the worker's log says more."
  }
}

/** Where a damaged file ends, in seconds, as far as the job's result says so: another's worker may report anything. */
function damagedAt({ result }: Job): number | null {
  const { damaged, before } = (result ?? {}) as Partial<Figures>
  return damaged === true && typeof before?.duration === "number" ? before.duration : null
}

function sentence(said: string): string {
  return /[.!?]$/.test(said) ? said : `${said}.`
}

function waiting(job: Job): string | null {
  const lost = job.attempts.filter((attempt) => attempt.outcome === "lost").length
  if (isLive(job) && lost) return `Workers were lost ${lost === 1 ? "once" : `${lost} times`} on the way; it goes on by itself.`
  return null
}
