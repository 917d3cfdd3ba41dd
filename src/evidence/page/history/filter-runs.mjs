/**
 * Runs in the page of the history: shows the runs, the charts and the days that the filters ask for, and keeps what they say in the
 * address, so that it can be handed on. The table is all it knows.
 */
{
  const form = document.getElementById('filters');
  const shown = document.getElementById('shown');
  const rows = [...document.querySelectorAll('#runs tbody tr')].map((row) => {
    const [when, database, rehearsal, verdict] = [...row.cells].map(({ textContent }) => textContent);
    return { row, day: when.slice(0, 10), database, rehearsal, verdict };
  });
  const days = [...document.querySelectorAll('[data-day]')];
  const trends = [...document.querySelectorAll('.trend')];
  const worst = ['not-verified', 'could-not-run', 'verified'];
  const names = ['database', 'rehearsal', 'verdict'];

  const isAsked = (thing, asked) => asked.every(([name, value]) => thing[name] === undefined || thing[name] === value);

  function show() {
    const asked = names.map((name) => [name, form.elements[name].value]).filter(([, value]) => value !== '');
    const verdicts = new Map();
    let count = 0;
    for (const { row, day, ...run } of rows) {
      row.hidden = !isAsked(run, asked);
      if (row.hidden) continue;
      count += 1;
      verdicts.set(day, [...(verdicts.get(day) ?? []), run.verdict]);
    }
    for (const day of days) {
      const those = verdicts.get(day.dataset.day) ?? [];
      const verdict = worst.find((each) => those.includes(each));
      day.setAttribute('visibility', verdict === undefined ? 'hidden' : 'visible');
      if (verdict === undefined) continue;
      day.setAttribute('href', `#${verdict}`);
      day.firstElementChild.textContent = `${day.dataset.day}: ${verdict}, ${those.length} run${those.length === 1 ? '' : 's'}`;
    }
    for (const trend of trends) trend.hidden = !isAsked({ ...trend.dataset }, asked);
    shown.textContent = `${count} of ${rows.length} run${rows.length === 1 ? '' : 's'}`;
    history.replaceState(null, '', `#${new URLSearchParams(asked)}`);
  }

  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const choice = names.includes(name) && [...form.elements[name].options].find((option) => option.value === value);
    if (choice) choice.selected = true;
  }
  form.addEventListener('change', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  // The form is reset once this has been heard.
  form.addEventListener('reset', () => setTimeout(show));
  form.hidden = false;
  show();
}
