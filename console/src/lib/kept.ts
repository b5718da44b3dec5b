/** What a reader's own browser keeps of the way they like it. Without a store it is as if nothing was kept. */
export function kept<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(`holter.${name}`)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`holter.${name}`, JSON.stringify(value))
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}
