import { expect, test } from "vitest"

import { clock, remaining } from "./times"

test.each([
  [0, "0:00"],
  [7.9, "0:07"],
  [192, "3:12"],
  [3723, "1:02:03"],
])("%d seconds are %s on the clock", (seconds, words) => {
  expect(clock(seconds)).toBe(words)
})

test.each([
  [0.2, "1 s left"],
  [59, "59 s left"],
  [61, "2 min left"],
  [7500, "2 h 5 min left"],
])("%d seconds of waiting are %s", (seconds, words) => {
  expect(remaining(seconds)).toBe(words)
})
