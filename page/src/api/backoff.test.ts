import { expect, test } from "vitest"

import { backoff } from "./backoff"

test("it waits longer each time, up to half a minute", () => {
  expect([0, 1, 2, 3, 4, 5, 9].map((failures) => backoff(failures, 1))).toEqual([1, 2, 4, 8, 16, 30, 30])
})

test("chance takes off a half at most", () => {
  expect(backoff(3, 0)).toBe(4)
})
