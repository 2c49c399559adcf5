/// Jobs, as the server keeps them: listing, reading, cancelling and retrying them.
import { call } from "./client"
import type { Job, Listing } from "./types"

/** List jobs, newest first: by `assetId`, `kind`, `status`, `limit`. */
export function listJobs(query: Record<string, string>): Promise<Listing<Job>> {
  return call("GET", `/api/jobs?${new URLSearchParams(query)}`)
}

/** Read a job. */
export function readJob(id: string): Promise<Job> {
  return call("GET", `/api/jobs/${encodeURIComponent(id)}`)
}

/** Cancel a job, and return it as it stands then. */
export function cancelJob(id: string): Promise<Job> {
  return call("POST", `/api/jobs/${encodeURIComponent(id)}/cancel`)
}

/** Try a failed or cancelled job again, and return the new one. */
export function retryJob(id: string): Promise<Job> {
  return call("POST", `/api/jobs/${encodeURIComponent(id)}/retry`)
}
