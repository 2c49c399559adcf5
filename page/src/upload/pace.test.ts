import { expect, test } from "vitest"

import { left, marked, pace, type Mark } from "./pace"

function marks(...pairs: [number, number][]): Mark[] {
  return pairs.reduce<Mark[]>((all, [at, sent]) => marked(all, { at, sent }), [])
}

test("the pace is what the last seconds say", () => {
  expect(pace(marks([0, 0], [1000, 0], [8000, 70_000], [9000, 80_000]))).toBe(10_000)
})

test("nothing is said too early", () => {
  expect(pace(marks([0, 0], [100, 50]))).toBeNull()
  expect(left(marks([0, 0]), 100)).toBeNull()
})

test("what is left takes as long as the pace says", () => {
  expect(left(marks([0, 0], [1000, 100]), 600)).toBe(5)
})

test("nothing is said of an end while nothing moves", () => {
  expect(left(marks([0, 10], [1000, 10]), 600)).toBeNull()
})

test("a part that is lost begins it anew", () => {
  expect(marks([0, 0], [1000, 500], [2000, 200])).toEqual([{ at: 2000, sent: 200 }])
})
