"""What is said in the made set. No phrase is in two parts (see `speakers.py`)."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\n", "|").split("|"))


# In espeak's and in Piper's notation of sounds, since both spell out the letters of a written 'mm-hm'.
_ESPEAK_MMHM = ("[[m-h'm-]]", "[[m-:h'm-:]]", "[[@mh'@m]]", "[[m'mhm]]", "[[m-h@'m]]")
_ESPEAK_YEAH = ("yeah", "[[j'E@]]", "[[j'a]]", "[[j'E]]")
_ESPEAK_OTHER = ("uh-huh", "yep", "[[VhV]]")
_PIPER_MMHM = ("[[ m̩hm̩ ]]", "[[ mːhmː ]]", "[[ m̩ˈhm̩ ]]", "[[ m̩hˈm̩ː ]]", "mm-hmm")  # noqa: RUF001
_PIPER_YEAH = ("yeah", "Yeah.", "Yeah!")
_PIPER_OTHER = ("uh-huh", "yep", "[[ ʌhʌ ]]")
_FLITE_YEAH = ("yeah", "yeah!")
_FLITE_OTHER = ("uh huh", "yep")

_FITTING = _phrases(
    """Wait a second.|No, that's not it.|Stop.|Hold on a moment.|Actually, I meant Tuesday.|Can you say that again?
What about the price?|Sorry, which one?|Hang on, I have a question.|That's wrong.|I don't think so.
Let me ask you something else.|Okay stop there.|One moment please.|But what if it rains?|Never mind.
How much does it cost?|Excuse me, who is that?|Please be quiet.|Forget it, try again.|Why would I do that?
Where is it?|Not that one, the other one.|I already know this part.|Could you speak slower?|Skip to the end.
Thanks, that's enough.|Go back to the first one.|Tell me about Paris instead.|My order number is five.
Listen, I need help now.|When does it open?|Do you have it in blue?|Shut up.|Just give me the number.
Really? I doubt that.|You said ten before.|Next question.|Maybe we should start over.|Well, I would rather walk.
Um, can I interrupt?|Hey, slow down.|Cancel the booking.|So what happens then?|Right, but how long does it take?
Is there a cheaper one?|Enough, thank you.|I want to talk to a person.|Are you sure about that?
We went there last year.|Play some music.|Turn it off.|Quiet.|Repeat that please.|Change the subject.
Let's do something different.|Who told you that?|Yesterday I called you.|You are not listening to me.
Move on to the next step.|Nobody asked about money.|Now I remember the name.|Mine was the red one.
More details please.|More than that, I think.|Many people disagree.|My mother lives there.|Monday is better.
Is it far?|In the morning, please.|If I pay now, is it cheaper?|It isn't working.|Add milk to the list.
All right, all right.|Almost, but not quite.|Are there any seats?|Although it's late, go on.|Ask someone else.
At what time?|You have to be kidding.|Your answer is too long.|Use the other account.|Yes, but only on Sunday.
Year after year it fails.|You know what, forget it.|Young people like it.|Up to now I paid less.
Under the table?|Other people waited less.|Over there, on the left.|On second thought, no.|Any other ideas?
And then what?|Anyway, what's next?|Each one of them?|Every time you say that.|Easy, easy.|How come?
Who's calling?|Hmm, I'm not sure I agree.|His name is Robert.|Her number has changed.|Have you checked?
Leave it.|Look, it's simple.|Lights off.|Louder please.|Later, not now.|Rain or snow?|Run the test again.
Read it again.|Run that by me again.|Did you hear me?|Don't.|Does it matter?|Go on without me.
Good, now the next.|Give me a break.|Keep it short.|Call my wife.|Come on.|Take me home.|Two tickets please.
Ten is too many.|Put it on hold.|Book it.|Back up a bit.|Both of them.|Five minutes ago I left.
Fine, fine, next.|For how many people?|Very funny.|View the map.|Save it.|See what I mean?|So no?|Send it to me.
Zero, not eight.|She said no.|Show me.|Check again.|Just stop.|Jump to page two.|That one.|Then how?
Think again.|Three of them.|Who is that singing?|Who told the others?|Who else was there?|Whose turn is it?
What if I pay later?|What a mess.|What happened to the blue one?|What colour is it?|Where did you put it?
Where are my keys?|Where else could I go?|When will it be ready?|When did she leave?
When I was there, it was shut.|Why did it stop?|Why are you telling me this?|Why can't we do both?
How old is he?|How much longer?|How do they know?|How about Friday?|How is that possible?|Which way do I turn?
Which one costs less?|Which floor?|I want the other one.|I think that's a mistake.|I am in a hurry.
I was asking about trains.|I know, I know.|I did that already.|I said no.|I like the old one.
You mean the second one?|You should check that.|You forgot the date.|You told her that?|He lives in Madrid.
He never said so.|He is my doctor.|She wants the window seat.|She left an hour ago.|We agreed on ten.
We have to go now.|We need more chairs.|They don't sell it.|They were late too.|It depends on the weather.
It was cheaper before.|It never works.|It is too dark.|It's not for me.|This is urgent.|This one or that one?
That can't be right.|That sounds wrong.|That will do.|That was last week.|These are too small.
Those were sold out.|The first one was better.|The bill, please.|The other way round.|There was a second page.
There is someone at the door.|Then let's leave it.|My card was stolen.|My battery is low.|My turn.
Mind if I ask why?|Your number, please.|Your mother called.|His flight was late.|Her name is Anna.
Our train is leaving.|Our address is wrong.|Can it wait?|Can you hear me now?|Can he come as well?
Could it be the cable?|Could I have the name?|Couldn't we walk?|Would that be enough?|Would you wait?
Will it rain?|Will they refund me?|Won't it break?|Should I call them?|Should we bring food?|Shall we go on?
May I say something?|Might as well stop.|Must I sign it?|Do it tomorrow.|Do they deliver?|Do I need a visa?
Does she know?|Does that include tax?|Did it arrive?|Did they say when?|Doesn't it hurt?|Didn't you say Tuesday?
Is he there?|Is that all?|Is the road closed?|Isn't it sold out?|Are those fresh?|Are they open?
Aren't you done?|Was it expensive?|Was that yesterday?|Were you there?|Has it started?|Has anyone called?
Have a look first.|Have they paid?|Had I known that.|Hadn't we met?|Please go on with the other part.
Please don't send it.|Please wait.|Sorry to interrupt.|Sorry, what?|Sorry, not that.|Pardon me.|Pardon?
Thanks, but no.|Thank you, I got it.|Great, next one.|Good, stop there.|Good point, but listen.|Fine, but how?
Sure, but when?|Sure, and the price?|Wonderful, and the rest?|Perfect, stop.|Exactly, so what now?
True, but not here.|False.|Wrong.|Wrong number.|Wrong street.|Nonsense.|Nope, try again.|No thanks.
No, the left one.|No, I meant her.|Not now.|Not so fast.|Not today.|Nothing yet.|Never.|Next one, please.
Never heard of it.|None of those.|Neither of them.|Now what?|Now stop.|Next week is better.|Maybe later.
Maybe not.|Many thanks, that's all.|Most of them left.|Make it louder.|Make a note.|Move it to five.
Let me finish.|Let me try.|Let us go.|Let him speak.|Leave me alone.|Listen to me.|Look at the time.
Last question.|Lower, please.|Louder.|Less sugar.|Long story.|Right there, stop.|Right, and then?
Read that once more.|Really?|Remind me later.|Remember the milk.|Repeat.|Run it.|Wait for me.|Wait, who?
Wait, not yet.|Well, no.|Well, that depends.|We'll see.|Why me?|With milk, please.|Without me.|Whatever.
While you are at it, call him.|Yesterday it worked.|Yes, go ahead and book it.|Yes, that one there.
Yet it failed.|You there?|Oh no.|Oh, wait.|Oh, by the way.|Okay, next.|Okay, but why?|Only two.
Only if it's free.|On Monday?|On the left?|Once more.|One more thing.|Open the door.|Of course not.|Off.
Or maybe tea.|Or not.|Outside?|Actually, yes.|Actually, I changed my mind.|After that?|After lunch, please.
Again.|Again, from the top.|All of it?|All done.|Almost.|Alone?|Also, what about lunch?|Always the same.
Am I late?|And the other?|And who pays?|Another one.|Answer me.|Anything cheaper?|As I said, no.
As soon as you can.|At night?|At home.|Ah, I see the problem.|Uh, hold that thought.|Um, no.|Under ten?
Until when?|Up a bit.|Use mine.|Usually I walk.|If not, cancel it.|If so, when?|In Paris?|In which drawer?
Into what?|Instead, call me.|It's me.|Ignore that.|Every day?|Either is fine.|Enough.|Even on Sunday?|Every one?
Excuse me, sir.|Ask him.|Ask her first.|Back to the start.|Be quiet.|Because I paid.|Before you go on, who?
Before noon.|Better not.|Big ones.|Both, please.|Bring it here.|But why?|But not mine.|But who said so?|By car?
By when?|Buy two.|Call him.|Cancel that.|Careful.|Change it back.|Check the date.|Close it.|Come back.
Come here.|Could be.|Day or night?|Delete it.|Don't stop there.|Don't call me.|Double it.|Down there?|Drop it.
Explain that.|Far from here?|Fast.|Faster, please.|Find it.|First of all, no.|Five.|Follow me.|For me?|For two.
Forget me.|Forty.|From where?|From there, how?|Get to the point.|Give it to me.|Give up.|Go away.|Go back.
Go left.|Guess what.|Half of it.|Hands off.|Hang up.|He did?|Help.|Help me.|Here.|Here it is.|Hey.|Hey, listen.
Hi, it's me.|Hold this.|Hold up.|Honestly, no.|Hurry up.|Just a second.|Just one.|Just tell me.
Keep going, but slower.|Keep it.|Kill it.|Later.|Pass.|Pause.|Pick one.|Play it again.|Put it back.
Quick question.|Quiet please.|Save that.|Say it again.|Say no.|Second one.|See you.|Seriously?|Seven.|Shorter.
Silence.|Since when?|Six.|Skip it.|Skip this one.|Slow down.|Slower.|So what?|So how much?|So stop.
Some other time.|Somebody else.|Soon?|Spell it.|Stay there.|Still no.|Stop there.|Stop right now.
Stop that noise.|Straight on?|Such as?|Switch it off.|Take it away.|Take two.|Talk to me.|Tell her no.
Tell me when.|Ten.|Than what?|Thirty.|Though I paid.|Three.|Through there?|Time's up.|To whom?|To London.|Today?
Together?|Tomorrow.|Tonight?|Too late.|Too much.|Try me.|Try again.|Turn left?|Turn that down.|Twelve.|Twice.
Two.|Very good, next.|Volume down.|Was he?"""
)

_CHOOSING = _phrases(
    """No no no.|Hold it.|Just a minute, please.|Stop talking.|Wait, what did you say?|I didn't ask for that.
Can we go back?|That is not what I asked.|Give me the short version.|What time is it there?|Pause for a second.
Actually never mind.|How do you spell that?|Sorry, I can't hear you.|But I live in London.
Which train do I take?|Let me stop you there.|Please repeat the address.|Who is the author?|Make it shorter.
You already told me.|Speak up please.|The second one, not the first.|Oh, I forgot to mention something.
I need it by Friday.|Don't book it yet.|Where can I park?|Okay, thank you, goodbye.|Why not?|It was on Monday.
Hello? Are you there?|Try a different one.|Ask me again later.|We only have ten minutes.|Lower the volume.
Did you say fifteen?|My name is spelled differently.|Read me the last line.|Nothing else, thanks.
Show me something cheaper."""
)
_PROOF = _phrases(
    """Hold your horses.|No, wait.|Stop it.|Actually, make that two.|Hang on a second.|That's not my name.
Can I ask something?|What does that mean?|Sorry, go back.|One thing first.|I meant the other street.
Let's skip this.|But I don't have a car.|Why is that?|How far is it?|Excuse me.|Forget that.
Which of them is closer?|Tell me the price first.|Too fast, please.|Who wrote this?|Is it open today?
Where do I sign?|Now listen to me.|My flight is at noon.|When was that?|Please stop reading.
Okay, I have heard enough.|You got it wrong.|Do it again."""
)
INTERRUPTIONS = {"fitting": _FITTING, "choosing": _CHOOSING, "proof": _PROOF}
BACKCHANNELS = {
    "espeak": {"mm-hm": _ESPEAK_MMHM, "yeah": _ESPEAK_YEAH, "other": _ESPEAK_OTHER},
    "piper": {"mm-hm": _PIPER_MMHM, "yeah": _PIPER_YEAH, "other": _PIPER_OTHER},
    "flite": {"yeah": _FLITE_YEAH, "other": _FLITE_OTHER},
}

_CHOOSING_SENTENCES = _phrases(
    """What is the capital of France, and how many people live there?
I would like to book a table for two people tomorrow evening.
Can you tell me what the weather is going to be like in Berlin?
My train leaves at seven, so please wake me at half past five.
How do I get to the station from the old town hall?
I bought the blue lamp last week, but it does not turn on.
Please write a short note to my landlord about the broken heater.
When my brother comes to visit us, we always go to the lake.
The meeting was moved to Thursday because the room was taken.
If the shop is closed on Sunday, can I come on Monday instead?"""
)
_PROOF_SENTENCES = _phrases(
    """Could you read me the last message that my sister sent?
I have been waiting for the delivery since nine in the morning.
Who painted the ceiling of the chapel that we saw in Rome?
Please remind me to water the plants on the balcony tonight.
Is there a pharmacy near here that is open after eight?
We wanted to take the ferry, but the harbour was closed.
How long should I boil the potatoes for a warm salad?
Tell my colleague that the report will be ready by noon.
What is the difference between a crocodile and an alligator?
The second lesson was harder than the first one, I think."""
)
SENTENCES = {"fitting": (), "choosing": _CHOOSING_SENTENCES, "proof": _PROOF_SENTENCES}
ANSWERS = {
    "choosing": _phrases(
        """The museum opens at nine in the morning and closes at six.
Tickets cost twelve euros, and children go in for free.
I can help you with that. First, open the settings and choose your account. Then press the button at the bottom."""
    ),
    "proof": _phrases(
        """Berlin is the capital of Germany, and about three and a half million people live there.
The river is the Spree.
There are three trains this afternoon, at two, four and half past five. The last one is the fastest, but it is full."""
    ),
}
ANSWERS["fitting"] = ANSWERS["choosing"]
