import { expect, test } from "vitest"

import { verdict, type Facts } from "./finding"

const LOST: Facts = { status: 0, begun: false, away: true, reachable: true, readable: true, failures: 2, sentence: "" }

function said(facts: Partial<Facts>): string {
  return verdict({ ...LOST, ...facts }, "https://r2.example", "http://localhost:8000")
}

test("a bucket that answers but lets no part in has no CORS rules, and it is said how to set them", () => {
  expect(said({})).toContain("CORS rules are missing")
  expect(said({})).toContain("greenroom doctor --fix-cors http://localhost:8000")
})

test.each([{ failures: 1 }, { begun: true }, { reachable: false }, { away: false }])("%o may be the network", (facts) => {
  expect(said(facts)).toBe("")
})

test("a file that has changed can't go on", () => {
  expect(said({ readable: false })).toContain("choose it again")
})

test("a storage that is full is not asked again", () => {
  expect(said({ status: 507, failures: 1, sentence: "The disk is full" })).toBe("The disk is full")
})

test("an answer that is no success is final only when it comes again and again", () => {
  expect(said({ status: 403, failures: 4 })).toBe("")
  expect(said({ status: 403, failures: 5 })).toBe("The storage answered 403.")
})
