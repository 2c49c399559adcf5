import { expect, test } from "vitest"

import { each, Turns } from "./turns"

test("no more work at a time than may", async () => {
  const turns = new Turns(2)
  let now = 0
  let most = 0
  async function work() {
    most = Math.max(most, ++now)
    await Promise.resolve()
    now -= 1
  }
  await Promise.all(Array.from({ length: 7 }, () => turns.take(work)))
  expect(most).toBe(2)
})

test("a turn that fails is free again", async () => {
  const turns = new Turns(1)
  await expect(turns.take(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken")
  expect(await turns.take(() => Promise.resolve("next"))).toBe("next")
})

test("each is done once, in order", async () => {
  const done: number[] = []
  await each([1, 2, 3, 4], 3, async (number) => void done.push(number))
  expect(done).toEqual([1, 2, 3, 4])
})

test("after a failure no more are begun", async () => {
  const begun: number[] = []
  async function work(number: number) {
    begun.push(number)
    if (number === 2) throw new Error("broken")
  }
  await expect(each([1, 2, 3, 4], 1, work)).rejects.toThrow("broken")
  expect(begun).toEqual([1, 2])
})
