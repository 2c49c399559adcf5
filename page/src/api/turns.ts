/// Turns: so many at a time, the others wait, first come first served.

/** Lets `most` work at a time. */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#free = most
  }

  /** Do something when it is its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((next) => this.#waiting.push(next))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}

/** Do something for each thing, `most` at a time. When one throws, no more are begun; it is thrown when all ended. */
export async function each<T>(things: T[], most: number, work: (thing: T) => Promise<void>): Promise<void> {
  const left = [...things]
  const errors: unknown[] = []
  async function workThrough(): Promise<void> {
    for (let thing = left.shift(); thing !== undefined && errors.length === 0; thing = left.shift()) {
      await work(thing).catch((error: unknown) => errors.push(error))
    }
  }
  await Promise.all(Array.from({ length: most }, workThrough))
  if (errors.length > 0) throw errors[0]
}
