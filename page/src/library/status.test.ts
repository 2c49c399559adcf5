import { expect, test } from "vitest"

import type { Asset, Job } from "../api/types"
import { statusOf } from "./status"

const RAW = { renditions: {} } as Asset
const PREPARED = { renditions: { prepared: {} } } as Asset

function job(status: Job["status"], progress: number | null = null, attempts = 0): Job {
  return { status, progress, attempts: Array.from({ length: attempts }) } as Job
}

test.each([
  ["queued", "Waiting"],
  ["processing", "Preparing"],
  ["failed", "Failed"],
  ["cancelled", "Cancelled"],
  ["complete", "Not prepared"],
] as const)("of what is not prepared, a job that is %s says %s", (status, words) => {
  expect(statusOf(RAW, job(status)).words).toBe(words)
})

test("what is prepared stays so when another try fails", () => {
  expect(statusOf(PREPARED, job("failed")).words).toBe("Prepared")
  expect(statusOf(PREPARED, undefined).words).toBe("Prepared")
})

test("progress is said in whole percent", () => {
  expect(statusOf(RAW, job("processing", 0.419))).toEqual({ tone: "busy", words: "Preparing 41 %", progress: 0.419 })
})

test("a job that was tried before waits to be tried again", () => {
  expect(statusOf(RAW, job("queued", null, 1)).words).toBe("Waits to try again")
})
