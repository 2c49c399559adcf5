/// The jobs of an asset: how the newest stands, what became of each attempt, what can be done, and the older ones.
import type { Attempt, Job } from "../api/types"
import { when } from "../words/dates"
import { clock } from "../words/times"
import { advice, standing, story } from "./advice"
import { inWords } from "./recipe"
import "./job.css"

const STATES: Record<Job["status"], string> = {
  queued: "Waiting",
  processing: "Preparing",
  complete: "Prepared",
  failed: "Failed",
  cancelled: "Cancelled",
}

/** All jobs of an asset, the newest first and in full. */
export function Jobs({ jobs }: { jobs: readonly Job[] }) {
  const [newest, ...older] = jobs
  if (!newest) return <p class="quiet">Nothing has been done with it yet.</p>
  return (
    <>
      <JobView job={newest} />
      {older.length > 0 && (
        <details>
          <summary>
            {older.length} earlier {older.length === 1 ? "job" : "jobs"}
          </summary>
          {older.map((job) => (
            <JobView key={job.id} job={job} />
          ))}
        </details>
      )}
    </>
  )
}

/** One job, with its history. */
function JobView({ job }: { job: Job }) {
  const isWorking = job.status === "processing"
  const advised = advice(job)
  const said = standing(job)
  return (
    <article class={`job ${job.status}`}>
      <p class="state">
        <strong>{stateOf(job)}</strong> <time dateTime={job.createdAt}>{when(job.createdAt, Date.now())}</time>
      </p>
      {said && <p>{said}</p>}
      {isWorking && <progress aria-label="Progress" max={1} value={job.progress ?? 0} />}
      {advised && <p class="advice">{advised}</p>}
      {job.recipe && <p class="quiet">{inWords(job.recipe)}</p>}
      {job.attempts.length > 0 && (
        <ol class="attempts">
          {job.attempts.map((attempt, place) => (
            <AttemptView key={attempt.number} attempt={attempt} job={job} isLast={place === job.attempts.length - 1} />
          ))}
        </ol>
      )}
      {job.kind === "render" && job.result && <pre>{JSON.stringify(job.result, null, 2)}</pre>}
    </article>
  )
}

function AttemptView({ attempt, job, isLast }: { attempt: Attempt; job: Job; isLast: boolean }) {
  return (
    <li>
      {story(attempt, job, isLast)}{" "}
      <small>
        {attempt.worker}
        {attempt.endedAt && `, ${took(attempt.startedAt, attempt.endedAt)}`}
      </small>
    </li>
  )
}

function stateOf({ kind, status }: Job): string {
  if (kind === "prepare") return STATES[status]
  return status === "processing" ? "Rendering" : status === "complete" ? "Rendered" : STATES[status]
}

function took(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${clock(seconds)} min`
}
