import { expect, test } from "vitest"

import { clock, moment, remaining } from "./times"

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

test("moments of short sounds are told in tenths", () => {
  expect(moment(7.26, 60)).toBe("0:07")
  expect(moment(7.26, 10)).toBe("0:07.3")
  expect(moment(0.1, 0.1)).toBe("0:00.1")
  expect(moment(9.99, 10)).toBe("0:10.0")
})
