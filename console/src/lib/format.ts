const DAY = 86_400_000

/** 24 h clock in the reader's zone, with the day if it is not today. */
export function when(utc: string | null | undefined, now = Date.now()): string {
  if (!utc) return 'never'
  const time = new Date(utc)
  const clock = time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (time.toDateString() === new Date(now).toDateString()) return clock
  const day = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return now - time.getTime() < 300 * DAY ? `${day} ${clock}` : `${day} ${time.getFullYear()}`
}

/** Relative under an hour, a clock time otherwise. */
export function ago(utc: string | null | undefined, now = Date.now()): string {
  if (!utc) return 'never'
  const seconds = Math.round((now - new Date(utc).getTime()) / 1000)
  if (seconds < 0) return when(utc, now)
  if (seconds < 10) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return when(utc, now)
}

/** A time with its day, always: for what is not now. */
export function exact(utc: string): string {
  const time = new Date(utc)
  const clock = time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })} ${clock}`
}

export function span(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.round((seconds % 3600) / 60)
  return minutes ? `${hours} h ${minutes}` : `${hours} h`
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = n / 1000
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

export const count = (n: number): string => n.toLocaleString('en-US')

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/** A word of the program as it begins a sentence: `clinical-it` is shown as `Clinical IT`. */
export function word(text: string): string {
  const spaced = text.replaceAll('-', ' ').replace(/\bit\b/, 'IT').replace(/\bhl7\b/i, 'HL7').replace(/\bdns\b/i, 'DNS').replace(/\bdhcp\b/i, 'DHCP').replace(/\bae title\b/i, 'AE title').replace(/^os$/i, 'System')
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** Whether a device was there, and if not, whether we would know: in one sentence. */
export const PRESENCE: Record<string, string> = {
  online: 'Heard within the last half hour.',
  quiet: 'It fell silent while a sensor that hears it was listening.',
  unseen: 'The sensors that hear it stopped listening or lost frames, so it may still be there.',
}

/** A protocol's name as its users write it. */
export function protocol(text: string): string {
  return text === 'other' ? 'not recognised' : text.toUpperCase()
}

export function fact(kind: string, name: string, value: string): string {
  if (kind === 'bytes') return bytes(Number(value))
  if (kind === 'seconds') return span(Number(value))
  if (name === 'people' && Number(value) < 10) return 'fewer than 10'
  if (name === 'people') return `about ${count(Number(value))}`
  return kind === 'number' ? count(Number(value)) : value
}
