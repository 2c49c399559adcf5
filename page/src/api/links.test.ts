import { expect, test } from "vitest"

import { followable, leadsAway } from "./links"

const HERE = "http://localhost:8000"

test("a link to the server's own folder leads to where the page came from", () => {
  expect(followable("http://127.0.0.1:8000/api/storage/a/b.wav?sig=1", HERE)).toBe(`${HERE}/api/storage/a/b.wav?sig=1`)
})

test.each(["https://r2.example/bucket/a?X-Amz-Signature=1", "https://r2.example/api/storage/a?X-Amz-Signature=1"])(
  "%s is left as it is, and leads away",
  (url) => {
    expect(followable(url, HERE)).toBe(url)
    expect(leadsAway(url, HERE)).toBe(true)
  },
)
