use holter_core::exposure::version::Range;
#[test]
fn show() {
    let text = std::fs::read_to_string("../../../shared/facts/csaf_icsma_products.tsv").unwrap();
    let mut n=[0;4];
    for line in text.lines().skip(1) {
        let v = line.split('\t').nth(5).unwrap();
        let (r,c) = Range::read(v);
        match &r { Range::All => n[0]+=1, Range::Any(_) => n[1]+=1, Range::FreeText => {n[2]+=1; println!("FREE {v} {c:?}");} }
        if let Range::Any(list) = &r { println!("{v} => {c:?} {}", list.iter().map(|i| match i { holter_core::exposure::version::Interval::Exactly(v)=>format!("={:?}",v.scheme), holter_core::exposure::version::Interval::Not(v)=>format!("!{:?}",v.scheme), holter_core::exposure::version::Interval::Between(a,b)=>format!("{:?}..{:?}",a.as_ref().map(|x|x.version.scheme),b.as_ref().map(|x|x.version.scheme))}).collect::<Vec<_>>().join(" ")); }
        if c.is_some() {n[3]+=1;}
    }
    println!("{n:?}");
}
