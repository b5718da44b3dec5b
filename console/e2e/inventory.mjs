// What a person does with the inventory: decides, looks at the past, compares two times, reads the map, scrolls far.

const faces = (page) => page.getByRole('region', { name: 'Faces' }).or(page.locator('section[aria-labelledby=fa]')).first()
const decided = (page) => page.locator('.decided li')

async function openDevice(page, name) {
  await page.evaluate((to) => (location.hash = to), `/devices?q=name:${name}`)
  await page.locator('.tbl tbody tr.row a', { hasText: name }).first().click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

export async function decisions(page, { check, judged, out }) {
  await openDevice(page, 'us02')
  await page.getByRole('button', { name: 'Edit Owner' }).click()
  await page.getByRole('textbox', { name: 'Owner' }).fill('Ward 4, M. Example')
  await page.keyboard.press('Enter')
  await page.getByText('Set the owner to Ward 4, M. Example.').first().waitFor()
  await page.reload()
  await page.locator('.kv.edit').getByText('Ward 4, M. Example').waitFor()
  check(true, 'an owner that was set is there after loading the page anew')

  await page.getByRole('textbox', { name: 'A new tag' }).fill('loan')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Take the tag loan away' }).waitFor()
  await page.keyboard.press('Escape')
  await page.evaluate(() => document.activeElement.blur())
  await page.keyboard.press('z')
  await page.getByRole('button', { name: 'Take the tag loan away' }).waitFor({ state: 'detached' })
  check(true, 'a tag is set, and z takes it back')

  await page.getByLabel('Another device is this one too').fill('ct01')
  await page.locator('.pick').first().click()
  await page.getByText('become one device').waitFor()
  await judged(page, 'merge-asked')
  await page.getByRole('button', { name: 'Make them one device' }).click()
  await faces(page).getByText('2 keys').waitFor()
  check((await faces(page).getByText('said that').count()) > 0, 'two devices that were merged are one of two faces, and who said so')
  await page.screenshot({ path: `${out}/device-merged.png`, fullPage: true })

  await faces(page).getByRole('button', { name: /^Not this device/ }).last().click()
  await page.getByText('becomes a device of its own').waitFor()
  await judged(page, 'split-asked')
  await page.getByRole('button', { name: 'Make it a device of its own' }).click()
  await faces(page).getByText('1 key under').waitFor()
  check(true, 'a face that is none of it becomes a device of its own')
  await decided(page).filter({ hasText: 'apart from it' }).getByRole('button', { name: /^Undo/ }).click()
  await faces(page).getByText('2 keys').waitFor()
  check(true, 'the split is undone')
  await decided(page).filter({ hasText: 'Joined it with' }).getByRole('button', { name: /^Undo/ }).click()
  await faces(page).getByText('1 key under').waitFor()
  check((await decided(page).filter({ hasText: 'Undone by' }).count()) >= 1, 'the merge is undone, and the log says by whom')
}

export async function past(page, { check, judged, out }) {
  await openDevice(page, 'us02')
  // A replay as if now begins now: what it tells of the device's first packet may lie some seconds ahead.
  const id = await page.evaluate(() => location.hash.split('/')[2].split('?')[0])
  await page.waitForFunction(async (id) => {
    const device = await (await fetch(`/api/v1/devices/${id}`)).json()
    return Date.parse(device.first_seen) + 1000 < Date.now()
  }, id, { timeout: 180_000, polling: 1000 })
  await page.getByRole('button', { name: 'Edit Location' }).click()
  await page.getByRole('textbox', { name: 'Location' }).fill('Room 7')
  await page.keyboard.press('Enter')
  await page.getByText('Set the location to Room 7.').first().waitFor()
  const before = await page.locator('.decided li time').first().getAttribute('datetime')
  const at = new Date(Date.parse(before) - 1).toISOString()
  await page.evaluate((time) => (location.hash = location.hash.split('?')[0] + '?at=' + encodeURIComponent(time)), at)
  await page.getByText('This is the past.').waitFor()
  await page.locator('.kv.edit dd').nth(1).getByText('not set').waitFor()
  check((await page.locator('#main').getByText('Room 7').count()) === 0, 'as of a time before it was set, the device has no location')
  check((await page.getByRole('button', { name: /^Edit/ }).count()) === 0, 'nothing is decided in the past')
  await judged(page, 'device-past')
  await page.screenshot({ path: `${out}/device-past.png` })
  await page.getByRole('button', { name: 'Back to now' }).click()
  await page.locator('.kv.edit').getByText('Room 7').waitFor()
  check(true, 'back in the present it has one')

  await page.evaluate(() => (location.hash = '/devices'))
  await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor()
  const input = page.getByLabel('As of')
  await input.fill('2020-01-01T00:00')
  await input.press('Enter')
  await page.getByText('No device had been seen by then.').waitFor()
  check(true, 'before the first was heard the list is empty, and says why')
  await page.locator('.then').getByRole('button').click()
  await page.locator('.tbl tbody tr.row').first().waitFor()
}

export async function changes(page, theme, { check, visit }) {
  await visit(page, '/changes', '.lead', `changes-${theme}`)
  const sentence = await page.locator('.lead').innerText()
  check(/\d+ devices appeared/.test(sentence), `Changes says what came since yesterday (${sentence})`)
  const told = Number(/(\d+) devices? appeared/.exec(sentence)?.[1] ?? 0)
  const listed = await page.locator('section[aria-labelledby=group-appeared] tbody tr').count()
  check(listed > 0 && listed === Math.min(told, 15), `Changes lists what appeared (${listed} of ${told})`)
  check((await page.getByRole('heading', { name: /^May be one device/ }).count()) === 1, 'Changes shows what may be one device')
  await page.getByRole('button', { name: 'Last 7 days' }).click()
  await page.waitForTimeout(600)
  check((await page.getByRole('button', { name: 'Last 7 days' }).getAttribute('aria-pressed')) === 'true', 'another pair of times is chosen')
}

export async function map(page, theme, { check, visit, judged }) {
  await visit(page, '/map?by=class', 'section[aria-labelledby=lines] tbody tr', `map-${theme}`)
  await page.locator('.canvas canvas').first().waitFor()
  const nodes = await page.locator('section[aria-labelledby=nodes] tbody tr').count()
  const lines = await page.locator('section[aria-labelledby=lines] tbody tr').count()
  check(nodes >= 3 && lines >= 3, `the map has nodes and lines (${nodes}, ${lines})`)
  const drawn = await page.evaluate(() => {
    const canvases = [...document.querySelectorAll('.canvas canvas')]
    return canvases.some((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0))
  })
  check(drawn, 'the picture is drawn')
  const box = await page.locator('.canvas').boundingBox()
  let hit = false
  for (let y = 20; y < box.height && !hit; y += 24) {
    for (let x = 20; x < box.width && !hit; x += 24) {
      await page.mouse.click(box.x + x, box.y + y)
      hit = (await page.locator('#chosen').innerText()) !== 'Nothing chosen'
    }
  }
  check(hit, 'a click on a node opens what it is')
  check((await page.locator('.sidelines tbody tr').count()) > 0, 'and whom it talks to')
  await judged(page, `map-chosen-${theme}`)
  if (theme === 'dark') return
  await page.getByRole('button', { name: 'Close' }).click()
  const first = page.locator('section[aria-labelledby=nodes] tbody button').first()
  await first.focus()
  await page.keyboard.press('Enter')
  const name = await first.innerText()
  check((await page.locator('#chosen').innerText()) === name, `by keyboard too (${name})`)
  await page.getByRole('link', { name: /^Show the/ }).click()
  await page.locator('.tbl tbody tr.row').first().waitFor()
  check((await page.locator('#filter').inputValue()).startsWith('class:'), 'and leads to its devices')
}

/** The list is given ten thousand made-up devices by a stand-in for that one route. */
export async function longList(page, enter, { check, judged }) {
  const total = 10_000
  await page.route('**/api/v1/devices?*', async (route) => {
    const query = new URL(route.request().url()).searchParams
    const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit'))]
    const now = new Date().toISOString()
    const items = Array.from({ length: Math.min(limit, total - from) }, (_, n) => ({
      id: `x~${from + n}`, name: `device-${from + n}`, site: 'x', mac: null, addresses: ['10.0.0.1'], class: 'office', class_confidence: 80, maker: null, maker_confidence: 0,
      family: null, model: null, version: null, os: null, roles: [], first_seen: now, last_seen: now, sensors: [], peers: 0, findings_open: 0, worst: null, quiet: false,
      partly_blind: false, owner: null, location: null, criticality: null, tags: [], faces: 1, shared: null,
    }))
    const next = from + items.length
    await route.fulfill({ json: { total, matched: total, truncated: true, items, next_cursor: next < total ? String(next) : null, query: { text: '', terms: [], sorted: 'last, descending' } } })
  })
  await enter(page)
  await page.evaluate(() => (location.hash = '/devices'))
  await page.getByText('device-0', { exact: true }).waitFor()
  const rows = () => page.locator('.tbl tbody tr.row').count()
  check((await rows()) < 100, `of ten thousand devices ${await rows()} rows stand in the document`)
  for (let turn = 0; turn < 12; turn += 1) {
    await page.locator('.window').evaluate((box) => (box.scrollTop = box.scrollHeight))
    await page.waitForTimeout(250)
  }
  const last = Number(await page.locator('.tbl tbody tr.row').last().getAttribute('aria-rowindex'))
  check(last > 1500 && (await rows()) < 100, `scrolling brings further pages (row ${last}), and still ${await rows()} rows`)
  check((await page.locator('.tbl.fixed').getAttribute('aria-rowcount')) === String(total + 1), 'the table says its true size')
  await judged(page, 'devices-long')
}
