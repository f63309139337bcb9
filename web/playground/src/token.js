// The access token travels in the fragment of the URL, which no browser sends to a server. It is taken out
// of the address bar at once and kept for this tab alone.
const KEY = 'waymark.token';

export function takeToken() {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
  if (token) {
    sessionStorage.setItem(KEY, token);
    window.history.replaceState(null, '', window.location.pathname);
  }
  return sessionStorage.getItem(KEY);
}
