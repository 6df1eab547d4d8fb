//! Counts the words of standard input, or of the files that are its arguments, and prints the most frequent ones.
//! Memory, strings, a hash map, files and errors as Rust has them; `MOST` in the environment says how many to print.

use std::collections::HashMap;
use std::io::Read;
use std::process::ExitCode;

#[derive(Default)]
struct Counts {
    words: HashMap<String, usize>,
}

impl Counts {
    #[inline(never)]
    fn add(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            *self.words.entry(word.to_lowercase()).or_default() += 1;
        }
    }

    /// The most frequent first; of the same frequency in alphabetical order.
    #[inline(never)]
    fn most(&self, count: usize) -> Vec<(&str, usize)> {
        let mut all: Vec<_> = self.words.iter().map(|(word, &times)| (word.as_str(), times)).collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        all.truncate(count);
        all
    }
}

fn read_all(files: &[String]) -> std::io::Result<Counts> {
    let mut counts = Counts::default();
    if files.is_empty() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        counts.add(&text);
    }
    for file in files {
        counts.add(&std::fs::read_to_string(file)?);
    }
    Ok(counts)
}

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let most = std::env::var("MOST").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    match read_all(&files) {
        Ok(counts) => {
            for (word, times) in counts.most(most) {
                println!("{times:4} {word}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("words: {error}");
            ExitCode::from(4)
        }
    }
}
