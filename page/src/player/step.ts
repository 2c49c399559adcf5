/// How the one that is not heard gets into step again: a little faster or slower, or by a jump.

/** Seconds by which it may be off, and beyond which it jumps. */
const NEAR = 0.03
const FAR = 0.25

/** How much faster or slower it runs until it is in step. */
const HASTE = 0.06

/** What puts right one that is so many seconds ahead, or behind if negative. */
export function correction(ahead: number): { jump: boolean; rate: number } {
  const off = Math.abs(ahead)
  if (off <= NEAR || off > FAR) return { jump: off > FAR, rate: 1 }
  return { jump: false, rate: 1 - Math.sign(ahead) * HASTE }
}
