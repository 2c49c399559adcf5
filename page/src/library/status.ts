/// How an asset stands, in a word or two.
import type { Asset, Job } from "../api/types"

/** A status: its colour's name, its words, and how far it is, 0 to 1, where something is under way. */
export interface Status {
  tone: "good" | "busy" | "bad" | "quiet"
  words: string
  progress: number | null
}

/** How an asset stands, by the newest job that prepares it, if there is one. */
export function statusOf(asset: Asset, job: Job | undefined): Status {
  if (job?.status === "queued") return waiting(job.attempts.length > 0)
  if (job?.status === "processing") return preparing(job.progress)
  if (asset.renditions.prepared) return { tone: "good", words: "Prepared", progress: null }
  if (job?.status === "failed") return { tone: "bad", words: "Failed", progress: null }
  if (job?.status === "cancelled") return { tone: "quiet", words: "Cancelled", progress: null }
  return { tone: "quiet", words: "Not prepared", progress: null }
}

function waiting(wasTried: boolean): Status {
  return { tone: "busy", words: wasTried ? "Waits to try again" : "Waiting", progress: null }
}

function preparing(progress: number | null): Status {
  const words = progress === null ? "Preparing" : `Preparing ${Math.floor(progress * 100)} %`
  return { tone: "busy", words, progress: progress ?? 0 }
}
