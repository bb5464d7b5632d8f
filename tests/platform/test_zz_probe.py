import asyncio, itertools, json
import httpx, pytest
from tests.conftest import OTHER, PASSWORD, log_in

HTML={"accept":"text/html"}
async def test_probe(client, config, database):
    c=config.code
    big="9"*25
    gets=[f"/{c}/resident/persons?q=%00", f"/{c}/resident/persons?q=%ED%A0%80", f"/{c}/resident/persons/{big}", f"/{c}/resident/persons/-{big}",f"/{c}/resident/persons/{'9'*5000}", f"/{c}/resident/persons?page={big}", f"/{c}/resident/persons?q={big}", f"/{c}/resident/persons?q="+"9"*8, f"/{c}/resident/persons?q="+"9"*19,f"/{c}/resident/persons?q=R99.99.99",
      f"/{c}/nosuch%00", f"/{c}%00/resident/persons", "/%ED%A0%80", "/static/%00", "/static/..%2fapp.py", f"/{c}/resident/movement-log?since=0001-01-01&until=9999-12-31", f"/{c}/resident/movement-log?since=9999-12-31&until=0001-01-01",f"/{c}/resident/statistics?as_of=0001-01-01",f"/{c}/resident/statistics?as_of=9999-12-31", f"/{c}/resident/households/{big}", "/"+"9"*6+"/"]
    app=client._transport.app
    quiet=httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test", headers=dict(client.headers))
    for route in app.routes: pass
    from tests.platform.test_gate import _routes, OPEN
    bodies=[
      ("json", b"{"), ("json", b"[]"), ("json", b"null"), ("json", b"\xff"), ("json", b"["*100000), ("json", b'{"a":'*100000+b"1"), ("json", b'{"x": NaN}'), ("json", b'{"x":'+b"9"*5000+b"}"),
      ("form", b"a=1&a.b=2"), ("form", b"a.b=2&a=1"), ("form", b"a.b=2&a[]=1"), ("form", b"a=1&a[]=1"), ("form", ".".join("a"*3000).encode()+b"=1"), ("form", "²=1".encode()), ("form", "a.²=1".encode()), ("form", b"9"*5000+b"=1"), ("form", b"__class__=1&.=2&..=3&[]=4&.[]=1"), ("form", b"x=%00"), ("form", b"%ff%fe=%ff"),("form", b"0=1"),("form", b"0.a=1"),
      ("multi", b"garbage"), ("multi2", b"garbage"), ("multi2", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--"), ("multi3", b"--x"),("text", b"hello"),
    ]
    types={"json":"application/json","form":"application/x-www-form-urlencoded","multi":"multipart/form-data","multi2":"multipart/form-data; boundary=x","multi3":"multipart/form-data; boundary=\xff".encode("latin1"),"text":"text/plain"}
    seen=[]
    async def go(method,url,**k):
        for h in ({}, HTML):
            kk=dict(k); kk["headers"]={**k.get("headers",{}),**h}
            try:
                a=await asyncio.wait_for(quiet.request(method,url,**kk),20)
                if a.status_code>=500: seen.append((method,url[:80],str(k.get("content",""))[:50],k.get("headers"),bool(h),a.status_code))
            except Exception as e: seen.append((method,url[:60],str(k.get("content",""))[:50],bool(h),repr(e)[:150]))
    for u in gets: await go("GET",u)
    posts=["/login"]+[r.path.replace("{code}",c) for r in _routes(client) if "POST" in r.methods and r.path not in OPEN]
    for p in posts[:3]:
        import re
        p=re.sub(r"\{\w+\}","1",p)
        for kind,b in bodies: await go("POST",p,content=b,headers={"content-type":types[kind]})
    for b in [{"tenant":c,"login":"a\0","password":"x"},{"tenant":c,"login":"a\ud800","password":"x"},{"tenant":c,"login":"a","password":"x\0"},{"tenant":c,"login":"a","password":"\ud800"},{"tenant":"１２３４５６","login":"a","password":"x"},{"tenant":c,"login":"clerk","password":PASSWORD,"next":5},{"tenant":c,"login":"clerk","password":PASSWORD,"next":["/"]}]:
        await go("POST","/login",content=json.dumps(b).encode(),headers={"content-type":"application/json"})
    # typed fuzz for every POST: every field of the schema
    doc=(await client.get("/openapi.json")).json()
    comps=doc["components"]["schemas"]
    values=["\0","a\0b","\ud800",10**30,-10**30,2**63,1.5,"9"*25,True,None,[],{}, "9999-12-31","0001-01-01","R99.1.1",["\0"],[10**30],"あ"*100000,"2026-04-01"]
    def fields(schema,depth=0):
        schema=comps.get(schema.get("$ref","").split("/")[-1],schema)
        return schema.get("properties",{})
    for path,ms in doc["paths"].items():
        if "post" not in ms or path=="/login": continue
        sch=ms["post"]["requestBody"]["content"]["application/json"]["schema"]
        url=re.sub(r"\{\w+\}","1",path.replace("{code}",c))
        for f in fields(sch):
            for v in values:
                await go("POST",url,content=json.dumps({f:v}).encode(),headers={"content-type":"application/json"})
        for v in values:
            await go("POST",url,content=json.dumps({f:v for f in fields(sch)}).encode(),headers={"content-type":"application/json"})
    for path,ms in doc["paths"].items():
        if "get" not in ms: continue
        ps=[p["name"] for p in ms["get"].get("parameters",[])]
        for v in ["%00","%ED%A0%80",big,"-1","0","1","9999-12-31","0001-01-01","R8.4.1","あ","2026-04","2026","99999","-5",str(2**63)]:
            url=path.replace("{code}",c)
            url=re.sub(r"\{\w+\}",v,url)
            qs="&".join(f"{p['name']}={v}" for p in ms["get"].get("parameters",[]) if p["in"]=="query")
            await go("GET",url+"?"+qs)
            url1=re.sub(r"\{\w+\}","1",path.replace("{code}",c))
            for p in ms["get"].get("parameters",[]):
                if p["in"]=="query": await go("GET",f"{url1}?{p['name']}={v}")
    with open("/tmp/rev/seen.txt","w") as f:
        for s in seen: f.write(repr(s)+"\n")
    print(len(seen))
