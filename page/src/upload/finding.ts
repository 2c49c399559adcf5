/// Finding out why a part did not arrive, and what to say of it.
import { followable, leadsAway } from "../api/links"
import type { PartLost } from "./part"

/** An upload that can't go on. `message` says why, and what to do. */
export class Refused extends Error {}

/** What is known when a part did not arrive. `failures` are those in a row. */
export interface Facts {
  status: number
  begun: boolean
  away: boolean
  reachable: boolean
  readable: boolean
  failures: number
  sentence: string
}

/** Tries after which an answer that is no success counts as final. */
const PATIENCE = 5

/** Why it can't go on, or an empty string if it may be tried again. `origin` is the storage's, `here` the page's. */
export function verdict(facts: Facts, origin: string, here: string): string {
  const { status, begun, away, reachable, readable, failures } = facts
  if (!readable) return "The file can't be read any more. If it has changed, choose it again."
  if (status === 0 && away && !begun && reachable && failures >= 2) return withoutCors(origin, here)
  if (status === 507) return facts.sentence || "The storage is full."
  if (status !== 0 && failures >= PATIENCE) return facts.sentence || `The storage answered ${status}.`
  return ""
}

/** Look at what happened. Throw Refused if it can't go on. */
export async function lookInto(lost: PartLost, file: Blob, failures: number): Promise<void> {
  const url = followable(lost.way.url, location.origin)
  const away = leadsAway(url, location.origin)
  const { origin } = new URL(url)
  const [readable, reachable] = await Promise.all([canBeRead(file), away && lost.status === 0 && answers(origin)])
  const { status, begun, sentence } = lost
  const why = verdict({ status, begun, sentence, away, readable, reachable, failures }, origin, location.origin)
  if (why) throw new Refused(why)
}

function withoutCors(origin: string, here: string): string {
  return (
    `The bucket at ${origin} does not let this page in: its CORS rules are missing. ` +
    `On the server, run: greenroom doctor --fix-cors ${here}`
  )
}

function canBeRead(file: Blob): Promise<boolean> {
  return file.slice(0, 1).arrayBuffer().then(
    () => true,
    () => false,
  )
}

/** Whether there is anything at an origin: without CORS, its answers can't be read, but that they come can be seen. */
function answers(origin: string): Promise<boolean> {
  return fetch(origin, { mode: "no-cors", cache: "no-store" }).then(
    () => true,
    () => false,
  )
}
