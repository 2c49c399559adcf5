import { expect, test } from "vitest"

import { turnedDown, volumes } from "./matching"

test("the louder one is turned down by what it is louder", () => {
  expect(turnedDown({ original: -26, prepared: -16 })).toEqual({ variant: "prepared", by: 10 })
  expect(turnedDown({ original: -9, prepared: -16 })).toEqual({ variant: "original", by: 7 })
})

test("six dB less is half the volume", () => {
  const { original, prepared } = volumes({ original: -22, prepared: -16 }, true)
  expect(original).toBe(1)
  expect(prepared).toBeCloseTo(0.501, 3)
})

test("without matching, or without a figure, both play as they are", () => {
  const both = { original: 1, prepared: 1 }
  expect(volumes({ original: -22, prepared: -16 }, false)).toEqual(both)
  expect(volumes({ original: null, prepared: -16 }, true)).toEqual(both)
  expect(volumes({ original: -16, prepared: -16 }, true)).toEqual(both)
})
