/** Bytes on a scale of logarithms, from 1 px for nothing to 9 px for ten gigabytes. */
export const width = (bytes: number): number => Math.min(9, 1 + Math.max(0, Math.log10(bytes + 1) - 2))
