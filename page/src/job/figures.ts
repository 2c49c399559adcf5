/// The figures that a worker reports: ours are known, another's result may be anything.
import type { Figures, Job } from "../api/types"

/** What another's worker may leave out. */
const NOTHING_DONE = { trimmedHead: 0, trimmedTail: 0, gainDb: 0, limited: false, damaged: false, note: null }

/** The figures of the newest job that made what is prepared, null where there are none that we know. */
export function figuresOf(jobs: readonly Job[]): Figures | null {
  const made = jobs.find((job) => job.kind === "prepare" && job.status === "complete")
  return made ? figuresIn(made) : null
}

/** The figures in a job's result, if it has any. */
export function figuresIn(job: Job): Figures | null {
  const result = job.result as Partial<Figures> | null
  const isOurs = isMeasured(result?.before) && isMeasured(result?.after)
  return isOurs ? { ...NOTHING_DONE, ...(result as Figures) } : null
}

function isMeasured(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { duration?: unknown }).duration === "number"
}
