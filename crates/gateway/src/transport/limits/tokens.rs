//! Tokens and nesting, counted in one pass over the bytes.

/// Counts tokens and the deepest nesting of brackets, skipping strings and comments.
pub(super) fn measure(document: &str) -> (usize, usize) {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut open, mut deepest) = (0, 0, 0_usize, 0);
    while let Some(byte) = bytes.get(at).copied() {
        let start = at;
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => continue,
            b'#' => {
                at += bytes[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
                continue;
            }
            b'"' => at = end_of_string(bytes, start),
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            byte if is_word(byte) => at += bytes[at..].iter().take_while(|byte| is_word(**byte)).count(),
            b'.' => at += bytes[at..].iter().take(2).take_while(|byte| **byte == b'.').count(),
            _ => {}
        }
        tokens += 1;
    }
    (tokens, deepest)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let mut at = start + if block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => 4,
            b'\\' if !block => 2,
            b'"' if block && rest.starts_with(b"\"\"\"") => return at + 3,
            b'"' if !block => return at + 1,
            b'\n' | b'\r' if !block => return at,
            _ => 1,
        };
    }
    bytes.len()
}
