/** Bytes on a scale of logarithms: 1 px up to a kilobyte, 7 px for a gigabyte, never more than 8. */
export const width = (bytes: number): number => Math.min(8, 1 + Math.max(0, Math.log10(bytes + 1) - 3))
