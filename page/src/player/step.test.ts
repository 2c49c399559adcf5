import { expect, test } from "vitest"

import { correction } from "./step"

test("in step, nothing is put right", () => {
  for (const off of [0, 0.03, -0.03]) expect(correction(off)).toEqual({ jump: false, rate: 1 })
})

test("one that is ahead runs slower, one that is behind faster", () => {
  expect(correction(0.1)).toEqual({ jump: false, rate: 0.94 })
  expect(correction(-0.1)).toEqual({ jump: false, rate: 1.06 })
})

test("one that is far off jumps, and goes on as usual", () => {
  for (const off of [3, -3]) expect(correction(off)).toEqual({ jump: true, rate: 1 })
})
