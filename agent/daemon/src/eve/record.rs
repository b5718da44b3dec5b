//! A record under way: its head and its members. Several events may have their say in it; of a member that is said twice,
//! the later one counts.

use crate::json::Json;

/// A record that holds more than this takes nothing further.
pub(super) const TEXT_MAX: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct Record {
    pub(super) conversation: u64,
    pub(super) kind: &'static str,
    /// Which of the records of its conversation it is, where its protocol numbers them.
    pub(super) number: Option<u64>,
    /// In which order records began.
    pub(super) born: u64,
    /// What the conversation had lost when it began.
    pub(super) missed: u64,
    /// Nothing more is to come, but what belongs to the event just written.
    pub(super) done: bool,
    pub(super) head: Json,
    values: Json,
    members: Vec<Member>,
    lists: Vec<(&'static str, Json)>,
    lists_used: usize,
}

/// Where the value of a member stands. The prefix and the key are its path, parted by dots.
#[derive(Clone, Copy)]
struct Member {
    prefix: &'static str,
    key: &'static str,
    from: usize,
    to: usize,
}

impl Member {
    fn segment(&self, depth: usize) -> Option<&'static str> {
        self.prefix.split('.').filter(|part| !part.is_empty()).chain(self.key.split('.')).nth(depth)
    }

    /// Whether both paths begin with the same `depth` segments.
    fn shares(&self, other: &Member, depth: usize) -> bool {
        (0..depth).all(|at| self.segment(at) == other.segment(at))
    }

    fn is_flat(&self) -> bool {
        self.prefix.is_empty() && !self.key.contains('.')
    }
}

impl Record {
    /// Empty, with what it has allocated.
    pub(super) fn clear(&mut self) {
        self.head.clear();
        self.values.clear();
        self.members.clear();
        self.lists_used = 0;
        self.number = None;
        self.done = false;
    }

    pub(super) fn is_full(&self) -> bool {
        let lists = self.lists.iter().take(self.lists_used).map(|(_, list)| list.len()).sum::<usize>();
        self.values.len().saturating_add(lists) > TEXT_MAX
    }

    /// Whether something was said under this path.
    pub(super) fn has(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let mut wanted = [None; 3];
        wanted.iter_mut().for_each(|slot| *slot = parts.next());
        self.members.iter().any(|member| (0..3).all(|at| member.segment(at) == wanted[at]))
    }

    /// Adds the member that `write` writes; it returns false where there is nothing to say.
    pub(super) fn say(&mut self, prefix: &'static str, key: &'static str, write: impl FnOnce(&mut Json) -> bool) {
        let from = self.values.apart();
        if write(&mut self.values) {
            self.members.push(Member { prefix, key, from, to: self.values.len() });
        }
    }

    /// Begins a member that is a list; its entries are written one by one.
    pub(super) fn begin_list(&mut self) -> usize {
        let from = self.values.apart();
        self.values.open('[');
        from
    }

    pub(super) fn entry(&mut self, write: impl FnOnce(&mut Json)) {
        write(&mut self.values);
    }

    pub(super) fn end_list(&mut self, prefix: &'static str, key: &'static str, from: usize) {
        self.values.close(']');
        self.members.push(Member { prefix, key, from, to: self.values.len() });
    }

    /// The list of this name, to which objects are added.
    pub(super) fn list(&mut self, name: &'static str) -> &mut Json {
        let used = self.lists_used;
        let at = self.lists.iter().take(used).position(|(known, _)| *known == name).unwrap_or_else(|| {
            if used == self.lists.len() {
                self.lists.push((name, Json::default()));
            }
            self.lists[used].0 = name;
            self.lists[used].1.clear();
            self.lists_used += 1;
            used
        });
        &mut self.lists[at].1
    }

    /// The whole line, without its end.
    pub(super) fn write(&self, out: &mut Json) {
        out.clear();
        out.raw(self.head.as_str());
        out.key(self.kind);
        out.open('{');
        self.object(out, 0, None);
        for (name, list) in self.lists.iter().take(self.lists_used) {
            out.key(name);
            out.open('[');
            out.raw(list.as_str());
            out.close(']');
        }
        out.close('}');
        out.close('}');
    }

    /// The members whose path begins with the first `depth` segments of `of`.
    fn object(&self, out: &mut Json, depth: usize, of: Option<&Member>) {
        for (n, member) in self.members.iter().enumerate() {
            if of.is_some_and(|of| !member.shares(of, depth)) {
                continue;
            }
            let Some(name) = member.segment(depth) else { continue };
            let alike = |other: &&Member| {
                if member.is_flat() {
                    other.is_flat() && other.key == member.key
                } else {
                    other.shares(member, depth + 1)
                }
            };
            if self.members[..n].iter().any(|earlier| alike(&earlier)) {
                continue;
            }
            out.key(name);
            if member.segment(depth + 1).is_some() {
                out.open('{');
                self.object(out, depth + 1, Some(member));
                out.close('}');
            } else if let Some(last) = self.members.iter().rfind(|other| alike(other)) {
                out.raw(self.values.part(last.from, last.to));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: u64) -> impl FnOnce(&mut Json) -> bool {
        move |json| {
            json.number(n);
            true
        }
    }

    #[test]
    fn paths_become_objects_the_later_word_counts_and_lists_stand_behind() {
        let mut record = Record { kind: "smb", ..Record::default() };
        let mut out = Json::default();
        for round in 0..2 {
            record.clear();
            record.head.open('{');
            record.head.key("flow_id");
            record.head.number(round);
            record.say("", "status", number(1));
            record.say("connect", "flags.will", number(2));
            record.say("", "never", |_| false);
            record.say("connect", "qos", number(3));
            record.say("", "status", number(4));
            for n in 0..2 {
                let list = record.list("answers");
                list.open('{');
                list.key("n");
                list.number(n);
                list.close('}');
            }
            record.write(&mut out);
            let read: serde_json::Value = serde_json::from_str(out.as_str()).expect("JSON");
            assert_eq!(
                read,
                serde_json::json!({"flow_id": round, "smb": {
                    "status": 4, "connect": {"flags": {"will": 2}, "qos": 3}, "answers": [{"n": 0}, {"n": 1}],
                }})
            );
            assert_eq!(out.as_str().matches("status").count(), 1, "once: {}", out.as_str());
        }
        assert!(record.has("connect.flags.will") && record.has("status") && !record.has("connect"));
    }
}
