//! The metrics of a running switch.

use std::{collections::BTreeMap, io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Every sample by its name with its labels. What is no number is left out.
pub(super) async fn read(admin: SocketAddr) -> io::Result<BTreeMap<String, f64>> {
    let reading = async {
        let mut stream = TcpStream::connect(admin).await?;
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    };
    let answer: io::Result<String> = timeout(PATIENCE, reading).await.map_err(io::Error::other)?;
    Ok(samples(&answer?))
}

fn samples(text: &str) -> BTreeMap<String, f64> {
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ')?;
        (!line.starts_with('#')).then(|| Some((name.to_owned(), value.trim().parse().ok()?)))?
    };
    text.lines().filter_map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::samples;

    #[test]
    fn samples_are_told_from_comments_and_headers() {
        let text = "HTTP/1.1 200 OK\r\n\r\n# HELP a b\na_total{x=\"1\"} 3\nb 1.5\n";
        let samples = samples(text);
        assert_eq!(samples.get("a_total{x=\"1\"}"), Some(&3.0));
        assert_eq!(samples.get("b"), Some(&1.5));
        assert!(!samples.contains_key("# HELP a"));
    }
}
