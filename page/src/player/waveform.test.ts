import { expect, test } from "vitest"

import { drawn, heights, type Wave } from "./waveform"

test("pairs of lowest and highest become two lines from -1 to 1", () => {
  const [highest, lowest] = drawn({ bits: 16, data: [-32768, 16384, -8192, 0] })
  expect([...highest]).toEqual([0.5, 0])
  expect([...lowest]).toEqual([-1, -0.25])
})

test("half a pair at the end is left out", () => {
  expect(drawn({ bits: 8, data: [-128, 127, -5] })[0]).toHaveLength(1)
})

test("waves are as high as they are heard, and the highest fills its lane", () => {
  const [quiet, loud] = [wave(0.1), wave(-0.8)]
  const plain = heights({ original: quiet, prepared: loud }, { original: 1, prepared: 1 })
  expect(plain.prepared * 0.8).toBeCloseTo(0.95)
  expect(plain.original).toBe(plain.prepared)
  const matched = heights({ original: quiet, prepared: loud }, { original: 1, prepared: 0.1 })
  expect(matched.original * 0.1).toBeCloseTo(0.95)
  expect(matched.prepared * 0.8).toBeCloseTo(0.76)
})

test("silence is stretched to nothing", () => {
  expect(heights({ original: wave(0) }, { original: 1, prepared: 1 }).original).toBe(1)
  expect(heights({}, { original: 1, prepared: 1 }).original).toBe(1)
})

function wave(sample: number): Wave {
  return [new Float32Array([sample]), new Float32Array([0])]
}
