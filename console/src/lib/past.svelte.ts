import { place } from './place.svelte'

/** The time that the reader looks at, as RFC 3339; `undefined` is now. */
export const past = {
  get at(): string | undefined {
    const text = place.now.query.get('at')
    return text && !Number.isNaN(Date.parse(text)) ? text : undefined
  },
}

/** A time as `<input type="datetime-local">` wants it, in the reader's zone. */
export function local(utc: string | number | undefined): string {
  if (utc === undefined) return ''
  const time = new Date(utc)
  if (Number.isNaN(time.getTime())) return ''
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** And back. */
export function utc(local: string): string | undefined {
  const time = new Date(local)
  return local && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined
}
