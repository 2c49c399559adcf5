import { expect, test } from "vitest"

import type { Attempt, Job } from "../api/types"
import { advice, standing, story } from "./advice"

const ATTEMPT: Attempt = {
  number: 1,
  worker: "inline",
  startedAt: "2026-11-23T12:00:00Z",
  endedAt: null,
  outcome: null,
  code: null,
  message: null,
  progress: null,
}

const JOB: Job = {
  id: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  kind: "prepare",
  status: "queued",
  progress: null,
  assetId: "a",
  recipe: null,
  params: null,
  result: null,
  error: null,
  code: null,
  retryOf: null,
  createdAt: "2026-11-23T12:00:00Z",
  endedAt: null,
  maxAttempts: 3,
  attempts: [],
}

const MEASURED = { loudnessLufs: -20, truePeakDbtp: -3, rangeLu: 4, duration: 192.4, sampleRate: 44100, channels: 2, codec: "mp3" }

test("a lost worker is told of as what it means", () => {
  const lost = { ...ATTEMPT, outcome: "lost" as const, code: "lost" }
  const again = { ...JOB, status: "processing" as const, attempts: [lost, { ...ATTEMPT, number: 2 }] }
  expect(story(lost, again, false)).toBe("The worker stopped answering; tried again.")
  expect(advice(again)).toBe("Workers were lost once on the way; it goes on by itself.")
  const failed = { ...JOB, status: "failed" as const, code: "lost", attempts: [lost] }
  expect(story(lost, failed, true)).toBe("The worker stopped answering.")
})

test("a damaged file is said to end where it does", () => {
  const result = { before: MEASURED, after: MEASURED, damaged: true }
  expect(advice({ ...JOB, status: "complete", result })).toContain("ends early at 3:12")
})

test("for what the file itself is to blame, trying again is not advised", () => {
  const failed = { ...JOB, status: "failed" as const, code: "unusable", error: "The file holds no audio that can be read." }
  expect(standing(failed)).toBe("The file holds no audio that can be read.")
  expect(advice(failed)).toContain("Trying again won't help")
})

test.each(["lost", "engine", "outputs", "refused", null])("a job that failed by %s comes with advice", (code) => {
  expect(advice({ ...JOB, status: "failed", code })).toMatch(/try again/i)
})

test("where all is well there is nothing to advise, whatever the result is", () => {
  expect(advice({ ...JOB, status: "complete", result: { any: "thing" } })).toBeNull()
  expect(advice(JOB)).toBeNull()
})

test("what a worker does now is told in its own words", () => {
  const working = { ...JOB, status: "processing" as const, attempts: [{ ...ATTEMPT, message: "Listening to the original" }] }
  expect(standing(working)).toBe("Listening to the original")
})

test("what went wrong is told in sentences", () => {
  expect(standing({ ...JOB, status: "failed", error: "The worker stopped answering" })).toBe("The worker stopped answering.")
  expect(standing({ ...JOB, status: "failed" })).toBe("Nobody said why.")
})
