//! A record under way: its head and its members. Several events may have their say in it; of a member that is said twice,
//! the later one counts.

use crate::json::Json;
use std::fmt::{self, Display};

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

/// The name of a member.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    /// A path, parted by dots, of EVE's words.
    Path(&'static str),
    /// That of a field, without its protocol and with its dots as underscores.
    Own(&'static str),
}

/// One step of a path.
#[derive(Debug, Clone, Copy)]
struct Step {
    text: &'static str,
    own: bool,
}

impl Step {
    fn bytes(self) -> impl Iterator<Item = u8> {
        self.text.bytes().map(move |byte| if self.own && byte == b'.' { b'_' } else { byte })
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.text.len() == other.text.len() && self.bytes().eq(other.bytes())
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.text.split('.').take(if self.own { usize::MAX } else { 1 });
        parts.next().map_or(Ok(()), |part| f.write_str(part))?;
        parts.try_for_each(|part| write!(f, "_{part}"))
    }
}

impl Key {
    /// What stands for it where there are no paths.
    pub(super) fn first(self) -> impl Display {
        self.step(0).unwrap_or(Step { text: "", own: false })
    }

    fn step(self, depth: usize) -> Option<Step> {
        match self {
            Key::Path(path) => path.split('.').nth(depth).map(|text| Step { text, own: false }),
            Key::Own(name) if depth == 0 => {
                Some(Step { text: name.split_once('.').map_or(name, |(_, rest)| rest), own: true })
            }
            Key::Own(_) => None,
        }
    }
}

/// Where the value of a member stands. Its path is that of the prefix, where there is one, and its key's behind it.
#[derive(Clone, Copy)]
struct Member {
    prefix: &'static str,
    key: Key,
    from: usize,
    to: usize,
}

impl Member {
    fn step(&self, depth: usize) -> Option<Step> {
        let before = usize::from(!self.prefix.is_empty());
        match depth.checked_sub(before) {
            Some(depth) => self.key.step(depth),
            None => Some(Step { text: self.prefix, own: false }),
        }
    }

    /// Whether both paths begin with the same `depth` steps.
    fn shares(&self, other: &Member, depth: usize) -> bool {
        (0..depth).all(|at| self.step(at) == other.step(at))
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
        let parts = || path.split('.').map(|text| Some(text.to_owned())).chain([None]);
        self.members
            .iter()
            .any(|member| parts().enumerate().all(|(at, part)| member.step(at).map(|step| step.to_string()) == part))
    }

    /// Adds the member that `write` writes; it returns false where there is nothing to say.
    pub(super) fn say(&mut self, prefix: &'static str, key: Key, write: impl FnOnce(&mut Json) -> bool) {
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

    pub(super) fn end_list(&mut self, prefix: &'static str, key: Key, from: usize) {
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
            let Some(name) = member.step(depth) else { continue };
            let alike = |other: &&Member| other.shares(member, depth + 1);
            if self.members[..n].iter().any(|earlier| alike(&earlier)) {
                continue;
            }
            out.key(name);
            if member.step(depth + 1).is_some() {
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
            record.say("", Key::Path("status"), number(1));
            record.say("connect", Key::Path("flags.will"), number(2));
            record.say("", Key::Path("never"), |_| false);
            record.say("connect", Key::Path("qos"), number(3));
            record.say("", Key::Path("status"), number(4));
            record.say("", Key::Own("smb.tree.id"), number(5));
            record.say("", Key::Path("tree_id"), number(6));
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
                    "status": 4, "connect": {"flags": {"will": 2}, "qos": 3}, "tree_id": 6, "answers": [{"n": 0}, {"n": 1}],
                }})
            );
            assert_eq!(out.as_str().matches("status").count(), 1, "once: {}", out.as_str());
        }
        assert!(record.has("connect.flags.will") && record.has("status") && !record.has("connect"));
    }
}
