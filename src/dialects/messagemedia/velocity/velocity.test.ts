import { describe, expect, it } from 'vitest';
import { parseTemplate } from './parse.ts';
import { renderTemplate } from './render.ts';
import type { Value } from './values.ts';

const map = (members: Record<string, Value>): ReadonlyMap<string, Value> =>
  new Map(Object.entries(members));

const attachment = (name: string): Value =>
  map({ contentType: 'image/png', base64: 'aGk=', originalName: name });

const data = map({
  mtId: '877c19ef',
  status: 'delivered',
  statusCode: '220',
  retryCount: 2,
  flag: false,
  empty: '',
  zero: 0,
  text: 'Say "hi" & <bye>\n\u00e9',
  metadata: map({ key1: 'value1', 'order-id': '7', 'with "quotes"': 'a\\b' }),
  none: map({}),
  attachments: ['a.png', 'b.png'].map(attachment),
  names: ['x', 'y', 'z'],
});

const render = (template: string, as: 'text' | 'url' = 'text'): string =>
  renderTemplate(parseTemplate(template), data, { as });

describe('references', () => {
  it.each([
    ['plain text, 5 $ and 50 % #1', 'plain text, 5 $ and 50 % #1'],
    ['$status', 'delivered'],
    ['${status}', 'delivered'],
    ['$!status', 'delivered'],
    ['$!{status}', 'delivered'],
    ['$status$status', 'delivereddelivered'],
    ['${status}ly, $status.', 'deliveredly, delivered.'],
    ['$$status', '$delivered'],
    ['$mtId-$status', '877c19ef-delivered'],
    ['$retryCount $flag $zero', '2 false 0'],
    ['[$empty]', '[]'],
    ['$metadata.key1', 'value1'],
    ['$metadata.order-id-$status', '7-delivered'],
    ["$metadata.get('key1')", 'value1'],
    ['$metadata.get("key1")', 'value1'],
    ["${metadata.get('key1')}!", 'value1!'],
    ["$metadata['key1']", 'value1'],
    ['$names[1]', 'y'],
    ['$names.get(2)', 'z'],
    ['$names.size() $metadata.size()', '3 3'],
    ['$attachments.get(0).originalName', 'a.png'],
    ['$attachments.get(0).getOriginalName()', 'a.png'],
    ['$names', '[x, y, z]'],
    ['$attachments.get(0)', '{contentType=image/png, base64=aGk=, originalName=a.png}'],
    ['$status.toUpperCase().substring(0, 3)', 'DEL'],
    ["$mtId.replace('f', '').length()", '7'],
    ['$esc.json($text)', 'Say \\"hi\\" & <bye>\\n\u00e9'],
    ['$esc.json($!text)', 'Say \\"hi\\" & <bye>\\n\u00e9'],
    ['$esc.xml($text)', 'Say &quot;hi&quot; &amp; &lt;bye&gt;\n\u00e9'],
    ['$esc.url($text)', 'Say%20%22hi%22%20%26%20%3Cbye%3E%0A%C3%A9'],
    ["$esc.javascript('it''s/')", "it\\'s\\/"],
    ['$esc.json($retryCount)', '2'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it.each([
    '$replyId',
    '${replyId}',
    '$status.nothing',
    '$status.nothing()',
    "$metadata.get('none')",
    '$esc.json($replyId)',
    '$esc.json($!replyId)',
    '$esc',
    '$esc.evil($status)',
    '$names[9]',
    '$names.get(-1)',
    '$names.get("length")',
    '$status.length',
    '$status.replaceAll("(a+)+", "")',
    // No name leads out of the data.
    '$metadata.constructor',
    '$metadata.__proto__',
    "$metadata.get('__proto__')",
    "$metadata['constructor']",
    '$names.constructor',
    '$names.length',
    '$constructor',
    '$__proto__',
    '$toString',
    '$status.constructor("return 1")',
    '$status.getClass().forName("java.lang.Runtime")',
    '$esc.constructor',
    '$esc.functions',
    '$names.map($esc)',
    '$metadata.size',
    '$metadata.forEach($esc)',
    '$metadata.hasOwnProperty("key1")',
  ])('shows as it was written what is not there: %s', (template) => {
    expect(render(template)).toBe(template);
    expect(render(template.replace('$', '$!'))).toBe('');
  });

  it.each([
    [String.raw`\$status`, '$status'],
    [String.raw`\\$status`, String.raw`\delivered`],
    [String.raw`\\\$status`, String.raw`\$status`],
    [String.raw`\$none1`, String.raw`\$none1`],
    [String.raw`\\$none1`, String.raw`\\$none1`],
    [String.raw`\$!none1`, ''],
    [String.raw`"a\"b\\n\u0041"`, String.raw`"a\"b\\n\u0041"`],
    [String.raw`\#if(true)`, '#if(true)'],
    [String.raw`\\#if(true)x#end`, String.raw`\x`],
    [String.raw`\#fff`, String.raw`\#fff`],
    [String.raw`\#parse("x")`, '#parse("x")'],
    ['#[[$status #if]]#', '$status #if'],
    ['a ## $status\nb', 'a b'],
    ['a #* $status #if *# b', 'a  b'],
    ['color: #fff, #Endive, #endive, #', 'color: #fff, #Endive, #endive, #'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

describe('#if', () => {
  it.each([
    ['$status', true],
    ['$replyId', false],
    ['!$replyId', true],
    ['not $replyId', true],
    ['$flag', false],
    ['!$flag', true],
    // Velocity 1.7: whatever is there is true.
    ['$empty', true],
    ['$zero', true],
    ['$none', true],
    ['true', true],
    ['false', false],
    ['null', false],
    ['$status == "delivered"', true],
    ["$status == 'failed'", false],
    ['$status != "failed"', true],
    ['$status == $replyId', false],
    ['$replyId == $nobody', true],
    ['$statusCode == 220', true],
    ['220 == $statusCode', true],
    ['$retryCount == 2', true],
    ['$retryCount == 2.0', true],
    ['$retryCount > 1', true],
    ['$retryCount >= 2', true],
    ['$retryCount < 2', false],
    ['$retryCount <= 1', false],
    ['$statusCode < 300', true],
    ['$status < 300', false],
    ['$retryCount gt 1 and $retryCount lt 3', true],
    ['$retryCount eq 2 or $replyId', true],
    ['$retryCount ne 2', false],
    ['$replyId && $status', false],
    ['$replyId || $status', true],
    ['$flag || $replyId || false', false],
    ['true || false && false', true],
    ['(true || false) && false', false],
    ['!($status == "failed")', true],
    ['$metadata.containsKey("key1")', true],
    ['$status.startsWith("deli") && $status.contains("ver")', true],
    ['$none.isEmpty() && $metadata.size() > 2', true],
    ['$retryCount + 1 == 3 && 7 / 2 == 3 && 7 % 2 == 1 && 2 * 3 - 1 == 5', true],
    ['1 / 0', false],
    ['"$status!" == "delivered!"', true],
    ['\'$status\' == "delivered"', false],
    ['"say ""hi""" == \'say "hi"\'', true],
  ])('%s: %s', (condition, expected) => {
    expect(render(`#if(${condition})yes#{else}no#end`)).toBe(expected ? 'yes' : 'no');
    expect(render(`#if ( ${condition} )yes#end`)).toBe(expected ? 'yes' : '');
  });

  it('takes the first branch that holds', () => {
    const template = '#if($flag)1#elseif($replyId)2#elseif($status)3#elseif(true)4#else 5#end';
    expect(render(template)).toBe('3');
    expect(render('#if($flag)1#elseif($flag)2#else 3#end.')).toBe(' 3.');
    expect(render('#if($status)a#if($flag)b#{else}c#end#{end}d')).toBe('acd');
  });

  it('evaluates no further than it must', () => {
    const loop = '#foreach($i in [1..9999])#foreach($j in [1..9])x#end#end';
    expect(render(`#if(true || "${loop}")a#end#if($flag)${loop}#end`)).toBe('a');
  });
});

describe('#set', () => {
  it.each([
    ['#set($x = 1)$x', '1'],
    ['#set ( ${x} = $status )$x', 'delivered'],
    ['#set($x = "$status!")$x', 'delivered!'],
    ["#set($x = '$status!')$x", '$status!'],
    ['#set($x = 1)#set($x = $x + 1)$x', '2'],
    ['#set($x = "a" + $retryCount)$x', 'a2'],
    ['#set($x = $status)#set($x = $replyId)$x', 'delivered'],
    ['#set($x = ["a", $status, 3])$x.get(1) $x', 'delivered [a, delivered, 3]'],
    ['#set($status = "x")$status', 'x'],
    ['#set($x = true)#if($x)y#end', 'y'],
    ['#set($x = "#if($status)a#end")$x', 'a'],
    ['#set($x = -1)$x #set($x = 1.5)$x', '-1 1.5'],
    ['#set($esc = 1)$esc.json("x")', '$esc.json("x")'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it('changes nothing for the next rendering', () => {
    const template = parseTemplate('$status#set($status = "x")');
    expect([renderTemplate(template, data), renderTemplate(template, data)]).toEqual([
      'delivered',
      'delivered',
    ]);
  });
});

describe('#foreach', () => {
  it.each([
    ['#foreach($n in $names)$n#if($foreach.hasNext),#end#end', 'x,y,z'],
    ['#foreach( $n in $names )$n#if( $velocityHasNext ), #end#end', 'x, y, z'],
    ['#foreach($n in $names)$foreach.index$foreach.count$velocityCount #end', '011 122 233 '],
    ['#foreach($n in $names)#if($foreach.first)<#end$n#if($foreach.last)>#end#end', '<xyz>'],
    ['#foreach($k in $metadata.keySet())$k;#end', 'key1;order-id;with "quotes";'],
    [
      '#foreach($e in $metadata.entrySet())$e.key=$e.value;#end',
      'key1=value1;order-id=7;with "quotes"=a\\b;',
    ],
    [
      '#foreach($e in $metadata.entrySet())$e.getKey()=${e.getValue()};#end',
      'key1=value1;order-id=7;with "quotes"=a\\b;',
    ],
    ['#foreach($v in $metadata)$v;#end', 'value1;7;a\\b;'],
    ['#foreach($v in $metadata.values())$v;#end', 'value1;7;a\\b;'],
    ['#foreach($i in [1..3])$i#end#foreach($i in [3..1])$i#end', '123321'],
    ['#foreach($i in [1, "b"])$i#end', '1b'],
    ['#foreach($x in $nothing)$x#end#foreach($x in $status)$x#end.', '.'],
    ['#foreach($x in $none.keySet())$x#end.', '.'],
    // What was there before is there again.
    ['#set($n = 1)#foreach($n in $names)$n#end$n $foreach.count', 'xyz1 $foreach.count'],
    [
      '#foreach($a in [1, 2])#foreach($b in [1, 2])$foreach.parent.count$foreach.count #end$foreach.count;#end',
      '11 12 1;21 22 2;',
    ],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

it('takes the end of a line with a directive that ends it', () => {
  const template =
    '{\n#if($status)\n  "a": 1,  \n#else  \n  "a": 2,\n#end\n#set($x = 1)\n  "b": $x\n}';
  expect(render(template)).toBe('{\n  "a": 1,  \n  "b": 1\n}');
});

describe('in a URL or a form', () => {
  const url = encodeURIComponent('Say "hi" & <bye>\n\u00e9');
  const twice = encodeURIComponent(url);
  it.each([
    ['?t=$text&n=$none1', `?t=${url}&n=$none1`],
    ['$esc.url($text)', url],
    ['$!{esc.url($text)}', url],
    ['#set($s = "$text")$s', url],
    // Only the result of `$esc.url` itself cannot break out.
    ['#set($s = $esc.url($text))$s', twice],
    ['"$esc.url("$text")"', `"${url}"`],
    ['$esc.url($text).toString()', twice],
    ['$esc.url("a&b").replace("%26", "&")', 'a%26b'],
    ['$esc.json("a&admin=1#f")', 'a%26admin%3D1%23f'],
    ['$esc.javascript("a&admin=1#f")', 'a%26admin%3D1%23f'],
    ['$esc.html("a&admin=1#f")', 'a%26amp%3Badmin%3D1%23f'],
    ['$esc.xml("a&admin=1#f")', 'a%26amp%3Badmin%3D1%23f'],
    ['#set($esc = $text)$esc$esc.url("a&b")', `${url}$esc.url("a&b")`],
  ])('%s', (template, expected) => {
    expect(render(template, 'url')).toBe(expected);
  });

  it('no template lets a text of a reference stand as it is', () => {
    const evil = '"&admin=1#f';
    const given = new Map<string, Value>([['text', evil]]);
    const ways = ['', '.toString()', '.trim()', '.replace("x", "y")'];
    const tools = ['json', 'javascript', 'html', 'xml', 'url'];
    const references = [
      ...ways.map((way) => `$text${way}`),
      ...tools.flatMap((tool) => ways.map((way) => `$esc.${tool}($text)${way}`)),
      ...tools.map((tool) => `#set($s = $esc.${tool}($text))"$s"$s[0]`),
      ...tools.map((one) => `$esc.${one}($esc.html($text))`),
      ...tools.map((one) => `$esc.html($esc.${one}("$text"))`),
    ];
    for (const reference of references) {
      const shown = renderTemplate(parseTemplate(reference), given, { as: 'url' });
      expect(shown.replace('$s[0]', ''), reference).not.toMatch(/[&#=]/);
    }
  });
});

/** What the vendor's documents and connectors have their users send (reference §7.7), in our words. */
describe('templates of the kind that clients have', () => {
  const entries =
    '#foreach ($e in $metadata.entrySet())  "$e.key": "$e.value"#if( $foreach.hasNext ),#end    #end';
  const keys =
    '#foreach($key in $metadata.keySet())"$key" : "$esc.json($metadata.get($key))"#if( $velocityHasNext ), #end#end';

  const report = map({
    drId: '01e1fa0a',
    sourceAddress: '+61491570156',
    receivedTimestamp: '2016-11-03T11:49:02.807Z',
    mtContent: 'Say "hi"\n\u{1f600}',
    statusCode: '220',
    metadata: map({ key1: 'value "1"', key2: 'value2' }),
  });
  const reply = map({
    moId: 'a175e797',
    moContent: 'Hello "back"',
    metadata: map({ key1: 'value1', key2: 'value2' }),
  });
  const picture = map({
    moId: 'a175e797',
    attachments: ['a.png', 'b.png'].map(attachment),
    metadata: map({}),
  });

  const received = `{ "reply_id": "$moId", #if ($attachments) "attachments": [ #foreach ($e in $attachments)
    { "content_type": "$e.contentType", "content": "$e.base64", "original_name": "$e.originalName" }#if( $foreach.hasNext ),#end
    #end ], #else "content": "$esc.json($moContent)", #end "metadata": { ${entries} }}`;
  // A connector asks for parts that only some accounts have, of tools that only the vendor has.
  const connector = `{#if($version == 2)"contact":$jsonUtils.toJson($contact),#end#if($moContent)"content":"$esc.json($moContent)",#end#if($moId)"reply_id":"$moId",#end#if($statusCode)"status_code":"$statusCode",#end"attachments":[#foreach ($e in $attachments){"name":"$e.originalName"}#if($foreach.hasNext),#end#end]}`;

  it.each([
    [
      'a report',
      `{"id":"$drId","from":"$sourceAddress","at":"$receivedTimestamp","delay":"0","text":"$esc.json($!mtContent)","code":"$statusCode","metadata":{${keys}}}`,
      report,
      {
        id: '01e1fa0a',
        from: '+61491570156',
        at: '2016-11-03T11:49:02.807Z',
        delay: '0',
        text: 'Say "hi"\n\u{1f600}',
        code: '220',
        metadata: { key1: 'value "1"', key2: 'value2' },
      },
    ],
    [
      'a reply',
      received,
      reply,
      {
        reply_id: 'a175e797',
        content: 'Hello "back"',
        metadata: { key1: 'value1', key2: 'value2' },
      },
    ],
    [
      'a reply with pictures',
      received,
      picture,
      {
        reply_id: 'a175e797',
        attachments: [
          { content_type: 'image/png', content: 'aGk=', original_name: 'a.png' },
          { content_type: 'image/png', content: 'aGk=', original_name: 'b.png' },
        ],
        metadata: {},
      },
    ],
    [
      'a connector, reply',
      connector,
      reply,
      { content: 'Hello "back"', reply_id: 'a175e797', attachments: [] },
    ],
    ['a connector, report', connector, report, { status_code: '220', attachments: [] }],
  ])('%s', (_, template, values, expected) => {
    const body = renderTemplate(parseTemplate(template), values);
    expect(JSON.parse(body)).toEqual(expected);
  });

  it('XML', () => {
    const template =
      '<message>\n  <reply>$esc.xml($moContent)</reply>\n  <id>$moId</id>\n</message>';
    expect(renderTemplate(parseTemplate(template), reply)).toBe(
      '<message>\n  <reply>Hello &quot;back&quot;</reply>\n  <id>a175e797</id>\n</message>',
    );
  });
});
