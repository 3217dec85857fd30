//! Makes malformed HTTP out of a request.

use super::call::Call;
use super::dice::Dice;
use super::mutate;

/// The bytes of a request with errors in the HTTP syntax.
pub(super) fn broken(dice: &mut Dice, call: &Call, host: &str, token: &str) -> Vec<u8> {
    let mut bytes = call.bytes(host, token);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match dice.below(9) {
        0 => bytes.truncate(dice.below(bytes.len())),
        1 => bytes.extend(bytes.clone()),
        2 => {
            let length = format!(
                "Content-Length: {}",
                dice.pick(&[
                    "5",
                    "-1",
                    "99999999999999999999",
                    "0x10",
                    "",
                    "5\r\nContent-Length: 6",
                    "5\r\nTransfer-Encoding: chunked",
                    "4194305",
                ])
            );
            let right = format!("Content-Length: {}", call.body.len());
            bytes = text(&bytes).replacen(&right, &length, 1).into_bytes();
        }
        3 => {
            let length = format!("Content-Length: {}", call.body.len());
            let chunks = dice.pick(&[
                "ffffffffffffffff\r\n",
                "5\r\nab",
                "zz\r\n\r\n",
                "-1\r\n",
                "0\r\n\r\n",
            ]);
            bytes = text(&bytes).replacen(&length, "Transfer-Encoding: chunked", 1).into_bytes();
            bytes.extend_from_slice(chunks.as_bytes());
        }
        4 => {
            let version =
                dice.pick(&["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9", "", "http/1.1"]);
            bytes = text(&bytes).replacen("HTTP/1.1", version, 1).into_bytes();
        }
        5 => {
            bytes = text(&bytes)
                .replace("\r\n", dice.pick(&["\n", "\r", "\r\n ", "\0\r\n"]))
                .into_bytes();
        }
        6 => {
            let many = format!("\r\n{}", "X-Filler: abc\r\n".repeat(dice.pick(&[90, 200, 20_000])));
            bytes = text(&bytes).replacen("\r\n", &many, 1).into_bytes();
        }
        7 => {
            let target =
                dice.pick(&["*", "http://[::1", "http://a/b", "a:80", "//", "?", "", "/\u{e9}"]);
            bytes = text(&bytes).replacen(&call.target(), target, 1).into_bytes();
        }
        _ => {}
    }
    for _ in 0..dice.below(4) {
        if !bytes.is_empty() {
            mutate::bytes(dice, &mut bytes);
        }
    }
    bytes
}
