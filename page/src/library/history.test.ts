import { expect, test } from "vitest"

import type { Job } from "../api/types"
import { isLive, withJob, without } from "./history"

function job(id: string, status: Job["status"], createdAt = "2026-11-23T12:00:00Z"): Job {
  return { id, status, createdAt, attempts: [] as Job["attempts"] } as Job
}

test("the newest job stands first", () => {
  const older = job("a", "complete", "2026-11-22T12:00:00Z")
  expect(withJob([older], job("b", "queued")).map(({ id }) => id)).toEqual(["b", "a"])
})

test("a job is replaced by what it has become", () => {
  expect(withJob([job("a", "queued")], job("a", "processing"))).toEqual([job("a", "processing")])
})

test("a job that has ended does not live again", () => {
  expect(withJob([job("a", "complete")], job("a", "processing"))).toEqual([job("a", "complete")])
})

test("a job that is gone is not in the history", () => {
  expect(without([job("a", "queued")], "a")).toEqual([])
})

test("queued and processing jobs live", () => {
  const all = ["queued", "processing", "complete", "failed", "cancelled"] as const
  expect(all.filter((status) => isLive(job("a", status)))).toEqual(["queued", "processing"])
})
