// Reads metrics as Prometheus does: a line a sample, a word of the name and the labels, then the value.
export async function samples(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  const values = new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  return { text, type: response.headers.get('content-type'), value: (name) => values.get(name) };
}
