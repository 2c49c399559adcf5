import { expect, test } from "vitest"

import { hashOf, idOf } from "./route"

test("an address names what it was made for", () => {
  expect(idOf(hashOf("a b"))).toBe("a b")
})

test.each(["", "#/", "#/assets/", "#/assets/a/b", "#elsewhere", "#/assets/%E0"])("%s names no asset", (hash) => {
  expect(idOf(hash)).toBeNull()
})
